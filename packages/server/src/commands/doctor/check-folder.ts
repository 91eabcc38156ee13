import { access, constants, stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Finding, findingsOf } from './finding.ts';

const MIB = 1024 * 1024;
/** Less than PostgreSQL needs for its write-ahead log. */
const MIN_FREE_BYTES = 256 * MIB;
const LOW_FREE_BYTES = 2048 * MIB;

/** Whether the server can write into the folder of a setting, which it creates if there is none. */
export async function checkFolder(setting: string, folder: string): Promise<Finding[]> {
  const { ok, warning, failed } = findingsOf(setting);
  const found = await stat(folder).catch((error: NodeJS.ErrnoException) => error);
  if (found instanceof Error && found.code !== 'ENOENT') {
    return [failed(`${folder} cannot be read (${found.code})`, `Name another folder: ${setting}.`)];
  }
  const isAbsent = found instanceof Error;
  if (!isAbsent && !found.isDirectory()) {
    return [failed(`${folder} is not a folder`, `Name a folder with ${setting}.`)];
  }
  const existing = isAbsent ? await existingParent(folder) : folder;
  const { R_OK, W_OK, X_OK } = constants;
  const refused = await access(existing, R_OK | W_OK | X_OK).catch((error: unknown) => error);
  if (refused) {
    const fix = `Make it writable for the user that runs Colloquy, or set ${setting} to another folder.`;
    return [failed(`${existing} is not writable for this user`, fix)];
  }
  const { bavail, bsize } = await statfs(existing);
  const free = bavail * bsize;
  const amount = `${Math.floor(free / MIB)} MiB are free`;
  const fix = `Free space on its disk, or set ${setting} to a folder on a larger one.`;
  if (free < MIN_FREE_BYTES) return [failed(`${folder}: only ${amount}`, fix)];
  if (free < LOW_FREE_BYTES) return [warning(`${folder}: only ${amount}`, fix)];
  const state = isAbsent ? 'will be created' : 'is writable';
  return [ok(`${folder} ${state}, ${amount}`)];
}

async function existingParent(folder: string): Promise<string> {
  const parent = dirname(folder);
  const found = await stat(parent).catch(() => null);
  return found !== null || parent === folder ? parent : existingParent(parent);
}
