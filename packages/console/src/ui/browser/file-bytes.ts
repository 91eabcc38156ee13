const MAX_BYTES = 64 * 1024 * 1024;

/** What is wrong with a file that the API would refuse for its size; null if nothing is. */
export const wrongWithSize = ({ length }: Uint8Array): string | null =>
  length > MAX_BYTES ? 'The file is larger than 64 MiB; send it in parts.' : null;

/** A file that is there as a whole, for a reader of what arrives. */
export async function* chunksOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
