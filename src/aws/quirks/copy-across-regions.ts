/**
 * Copies from another region carry a request to that region, signed into a URL.
 * https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CopyDBSnapshot.html
 */
import { invalidInput } from "../../internal/cloud-error.js";
import type { Values } from "../../protocol/protocol.js";
import type { Quirk } from "./quirk.js";

/** EC2's CopySnapshot: always, and the destination goes with it. */
export const presignedSnapshotCopy: Quirk = {
  async finish(request, call, client) {
    const source = sourceRegion(call.input);
    if (call.presign || source === undefined || call.input.PresignedUrl !== undefined) return request;
    const form = new URLSearchParams(String(request.body));
    form.set("DestinationRegion", client.region);
    form.set(
      "PresignedUrl",
      await client.presign(call, call.input, source, { DestinationRegion: client.region }),
    );
    return { ...request, body: encoded(form) };
  },
};

/** RDS, Neptune and DocumentDB: when there is a source region, which is not itself sent. */
export const presignedCopy: Quirk = {
  async finish(request, call, client) {
    const source = sourceRegion(call.input);
    if (call.presign || source === undefined) return request;
    const form = new URLSearchParams(String(request.body));
    form.delete("SourceRegion");
    if (call.input.PreSignedUrl === undefined) {
      const { SourceRegion, ...input } = call.input;
      form.set(
        "PreSignedUrl",
        await client.presign(call, input, source, { DestinationRegion: client.region }),
      );
    }
    return { ...request, body: encoded(form) };
  },
};

/** It names a host. */
function sourceRegion({ SourceRegion: region }: Values): string | undefined {
  if (typeof region !== "string") return undefined;
  if (/^[a-z0-9-]+$/i.test(region)) return region;
  throw invalidInput(`input.SourceRegion must be a region, is ${JSON.stringify(region)}`);
}

/** As the query protocol writes forms: a space is `%20`. */
function encoded(form: URLSearchParams): string {
  return form.toString().replaceAll("+", "%20");
}
