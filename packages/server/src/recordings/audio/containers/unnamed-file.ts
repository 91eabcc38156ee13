import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unavailable } from '../../../kernel/fault.ts';

export interface UnnamedFile {
  readonly fd: number;
  readonly bytes: number;
  append(piece: Uint8Array): Promise<void>;
  read(): AsyncIterable<Uint8Array>;
}

/** The file disappears with this process. UNAVAILABLE if it cannot be written. */
export async function unnamedFile(closing: AsyncDisposableStack): Promise<UnnamedFile> {
  const file = await openUnnamed().catch(failed);
  closing.defer(() => file.close());
  let bytes = 0;
  return {
    fd: file.fd,
    get bytes() {
      return bytes;
    },
    async append(piece) {
      for (let done = 0; done < piece.length; ) {
        const left = piece.length - done;
        const { bytesWritten } = await file.write(piece, done, left, bytes).catch(failed);
        done += bytesWritten;
        bytes += bytesWritten;
      }
    },
    read: () => file.createReadStream({ start: 0, autoClose: false }),
  };
}

async function openUnnamed(): Promise<FileHandle> {
  const folder = await mkdtemp(join(tmpdir(), 'colloquy-audio-'));
  try {
    return await open(join(folder, 'audio'), 'wx+', 0o600);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A full disk is temporary and says nothing about the recording. */
function failed(error: unknown): never {
  throw unavailable('The folder of temporary files', error);
}
