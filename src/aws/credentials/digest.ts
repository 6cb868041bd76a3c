/** Names of cache files: hashes of what they are for. */

export async function hexDigest(algorithm: "SHA-1" | "SHA-256", text: string): Promise<string> {
  const bytes = await crypto.subtle.digest(algorithm, new TextEncoder().encode(text));
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
