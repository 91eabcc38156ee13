import { openAsBlob } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { UsageError } from './failure.ts';

/** The bytes of a file, read as they are sent; unlike a stream they can be sent again. */
export async function openFile(path: string): Promise<Blob> {
  if (!(await stat(path)).isFile()) throw new UsageError(`${path} is not a file.`);
  return openAsBlob(path);
}

/** The standard input as it comes. */
export function openStandardInput(): ReadableStream<Uint8Array> {
  return Readable.toWeb(process.stdin) as ReadableStream<Uint8Array>;
}
