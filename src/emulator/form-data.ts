/** `multipart/form-data` with one file, which comes last. */
import { EmulatorError } from "./service.js";

export interface Form {
  /** By lower-case name. */
  readonly fields: Readonly<Record<string, string>>;
  readonly file: Uint8Array;
  readonly fileName: string;
}

export function parseForm(body: Uint8Array, contentType: string): Form {
  const boundary = /boundary="?([^";]+)"?/.exec(contentType)?.[1];
  if (boundary === undefined) throw malformed();
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const fields: Record<string, string> = {};
  const delimiter = Buffer.from(`--${boundary}`);
  let start = bytes.indexOf(delimiter);
  while (start >= 0) {
    const headStart = start + delimiter.length + 2;
    const headEnd = bytes.indexOf("\r\n\r\n", headStart);
    const end = bytes.indexOf(`\r\n--${boundary}`, headStart);
    if (headEnd < 0 || end < 0) break;
    const head = bytes.toString("utf8", headStart, headEnd);
    const name = /name="([^"]*)"/i.exec(head)?.[1]?.toLowerCase() ?? "";
    const content = bytes.subarray(headEnd + 4, end);
    // What follows the file is not looked at.
    if (name === "file")
      return { fields, file: content, fileName: /filename="([^"]*)"/i.exec(head)?.[1] ?? "" };
    fields[name] = content.toString("utf8");
    start = end + 2;
  }
  throw new EmulatorError("InvalidArgument", "POST requires exactly one file upload per request.", 400, {
    ArgumentName: "file",
    ArgumentValue: "0",
  });
}

function malformed(): EmulatorError {
  return new EmulatorError(
    "MalformedPOSTRequest",
    "The body of your POST request is not well-formed multipart/form-data.",
    412,
  );
}
