import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unavailable } from '../../base/fault.ts';

/**
 * The bytes of a source in a file without a name, which goes with this process whatever happens, and is
 * closed with the stack. UNAVAILABLE where it cannot be written.
 */
export async function unnamedFile(
  source: AsyncIterable<Uint8Array>,
  closing: AsyncDisposableStack,
): Promise<FileHandle> {
  const file = await openUnnamed().catch(failed);
  closing.defer(() => file.close());
  let position = 0;
  for await (const chunk of source) {
    for (let done = 0; done < chunk.length; ) {
      const left = chunk.length - done;
      const { bytesWritten } = await file.write(chunk, done, left, position).catch(failed);
      done += bytesWritten;
      position += bytesWritten;
    }
  }
  return file;
}

async function openUnnamed(): Promise<FileHandle> {
  const folder = await mkdtemp(join(tmpdir(), 'colloquy-audio-'));
  try {
    return await open(join(folder, 'audio'), 'wx+', 0o600);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** It may work later: a disk that is full is no property of a recording. */
function failed(error: unknown): never {
  throw unavailable('The folder of temporary files', error);
}
