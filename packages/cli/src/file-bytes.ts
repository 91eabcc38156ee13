import { openAsBlob } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { UsageError } from './failure.ts';

/** A file as a Blob, which is read while it is sent and can be sent again, unlike a stream. */
export async function openFile(path: string): Promise<Blob> {
  if (!(await stat(path)).isFile()) throw new UsageError(`${path} is not a file.`);
  return openAsBlob(path);
}

export function openStandardInput(): ReadableStream<Uint8Array> {
  return Readable.toWeb(process.stdin) as ReadableStream<Uint8Array>;
}
