const MAX_BYTES = 64 * 1024 * 1024;

/** The problem of a file that is too large for the API; null if there is none. */
export const findSizeProblem = ({ length }: Uint8Array): string | null =>
  length > MAX_BYTES ? 'The file is larger than 64 MiB; send it in parts.' : null;

/** A complete file, for readers of streams. */
export async function* streamChunks(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
