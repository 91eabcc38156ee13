import { chown, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { Owner } from './identity.ts';
import { SOCKET_PORT } from './settings.ts';
import { PostgresStartError } from './start-error.ts';

// Without the final zero.
const MAX_PATH = process.platform === 'linux' ? 107 : 103;
const PREFIX = 'colloquy-';

/** Only its owner can enter: `<dataDir>/run`, or a temporary folder if that path is too long. */
export async function makeSocketFolder(dataDir: string, owner: Owner): Promise<string> {
  const inside = join(dataDir, 'run');
  if (fits(inside)) {
    await rm(inside, { recursive: true, force: true });
    await mkdir(inside, { mode: 0o700 });
    await chown(inside, owner.uid, owner.gid);
    return inside;
  }
  const place = [tmpdir(), '/tmp'].find((folder) => fits(join(folder, `${PREFIX}XXXXXX`)));
  if (place === undefined) {
    throw new PostgresStartError(
      `The path of the data folder ${dataDir} is too long for a socket in it; set DATA_DIR to a folder with a shorter path.`,
    );
  }
  const outside = await mkdtemp(join(place, PREFIX));
  await chown(outside, owner.uid, owner.gid);
  return outside;
}

export async function removeOwnSocketFolder(folder: string, dataDir: string): Promise<void> {
  const inTemporary =
    [tmpdir(), '/tmp'].includes(dirname(folder)) && basename(folder).startsWith(PREFIX);
  if (folder !== join(dataDir, 'run') && !inTemporary) return;
  await rm(folder, { recursive: true, force: true }).catch(() => undefined);
}

function fits(folder: string): boolean {
  return Buffer.byteLength(join(folder, `.s.PGSQL.${SOCKET_PORT}`)) <= MAX_PATH;
}
