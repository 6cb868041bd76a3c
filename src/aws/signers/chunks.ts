/** Signed chunks: the head's signature starts a chain of those of the chunks and of what follows them. */
import { type Seed, signChunk, signTrailer } from "../../auth/sigv4.js";
import type { ChunkSigner } from "../../http/checksum/trailer.js";

export function chunkSigner(seed: Seed): ChunkSigner {
  let previous = seed.signature;
  return {
    chunk(bytes) {
      previous = signChunk(seed, previous, bytes);
      return previous;
    },
    trailer: (text) => signTrailer(seed, previous, text),
  };
}
