/**
 * Copies from another region carry a request to that region, signed into a URL.
 * https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CopyDBSnapshot.html
 */
import type { Quirk } from "./quirk.js";

/** EC2's CopySnapshot: always, and the destination goes with it. */
export const presignedSnapshotCopy: Quirk = {
  async finish(request, call, client) {
    const source = call.input.SourceRegion;
    if (call.presign || typeof source !== "string" || call.input.PresignedUrl !== undefined) return request;
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
    const source = call.input.SourceRegion;
    if (call.presign || typeof source !== "string") return request;
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

/** As the query protocol writes forms: a space is `%20`. */
function encoded(form: URLSearchParams): string {
  return form.toString().replaceAll("+", "%20");
}
