import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { isFullDisk } from '../packages/server/src/base/full-disk.ts';
import { openHouse } from './house.ts';
import { putConversation } from './recordings-suite.ts';

const MIB = 1024 * 1024;
const mounted: string[] = [];
afterAll(() => {
  for (const folder of mounted) {
    execFileSync('umount', ['-l', folder]);
    rmSync(folder, { recursive: true });
  }
});

/** A folder on a file system of a few MiB; null if this user may not mount one. */
function smallDisk(mebibytes: number): string | null {
  const folder = mkdtempSync(join(tmpdir(), 'colloquy-full-'));
  const options = ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', folder];
  if (spawnSync('mount', options).status !== 0) return null;
  mounted.push(folder);
  return folder;
}

const canMount = smallDisk(1) !== null;
if (!canMount) console.log('Left out: the tests of a full disk (only root may mount a small one).');

describe.skipIf(!canMount)('on a full disk', () => {
  it.each([0, 1, 8])('a start with %d MiB is refused with one sentence', (mebibytes) => {
    const dataDir = smallDisk(Math.max(mebibytes, 1)) ?? '';
    if (mebibytes === 0) {
      spawnSync('dd', ['if=/dev/zero', `of=${join(dataDir, 'filler')}`, 'bs=64k']);
    }
    const { status, stderr } = spawnSync(process.execPath, ['packages/server/src/main.ts'], {
      env: { PATH: process.env.PATH, DATA_DIR: dataDir, PORT: '0', DEMO: '0', LOG_LEVEL: 'silent' },
      encoding: 'utf8',
    });
    expect(stderr.trim()).toBe(
      `Colloquy can't start: the disk is full; free space on the disk of DATA_DIR (${dataDir}), then start again.`,
    );
    expect(status).toBe(1);
  });

  it('a recording is refused with 503 that names the store, and a later one is taken', async () => {
    await using house = await openHouse({ dataDir: smallDisk(2) ?? '' });
    const businessId = await house.newBusiness();
    const sessionId = await putConversation(house, businessId, 's1');
    const put = (bytes: number) =>
      house.admin.putRecording({
        ...{ businessId, sessionId, participantId: 'c', contentType: 'audio/mpeg' },
        audio: new Uint8Array(bytes),
      });
    await expect(put(4 * MIB)).rejects.toMatchObject({
      status: 503,
      message: expect.stringContaining('The store of recordings is full'),
    });
    await put(1000);
  });
});

describe('isFullDisk', () => {
  it.each([
    [Object.assign(new Error('write'), { code: 'ENOSPC' }), true],
    [new Error('outer', { cause: Object.assign(new Error('x'), { code: '53100' }) }), true],
    [new Error('initdb: could not write: No space left on device'), true],
    [Object.assign(new Error('x'), { code: '53200' }), false],
    ['ENOSPC', false],
  ])('%s: %s', (error, expected) => expect(isFullDisk(error)).toBe(expected));
});
