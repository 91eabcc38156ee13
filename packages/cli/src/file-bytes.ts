import { openAsBlob } from 'node:fs';
import { stat } from 'node:fs/promises';
import { UsageError } from './failure.ts';

/** Read while it is sent, and can be sent again, unlike a stream. */
export async function openFile(path: string): Promise<Blob> {
  if (!(await stat(path)).isFile()) throw new UsageError(`${path} is not a file.`);
  return openAsBlob(path);
}
