/**
 * S3 begins to answer before a copy or a completion is done: a failure then comes as an error document with status 200.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html
 */

/** How far the root element is looked for: S3 sends white space while it works. */
const HEAD_BYTES = 4096;

export function isErrorDocument(document: Uint8Array): boolean {
  let start = 0;
  while (start < document.length && isSpace(document[start] as number)) start++;
  const head = new TextDecoder().decode(document.subarray(start, start + HEAD_BYTES));
  return /^(<\?xml[^>]*\?>\s*)?<Error[\s>]/.test(head);
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
}
