const MAX_BYTES = 64 * 1024 * 1024;

export const findSizeProblem = ({ length }: Uint8Array): string | null =>
  length > MAX_BYTES ? 'The file is larger than 64 MiB; send it in parts.' : null;

export async function* streamChunks(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
