import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { InputOf } from '@colloquy/sdk';
import { afterAll, describe, expect, it } from 'vitest';
import { isFullDisk } from '../../packages/server/src/kernel/full-disk.ts';
import { putConversation } from '../fixtures/recordings-suite.ts';
import { copyPreparedCluster } from '../servers/postgres.ts';
import { startServer } from '../servers/server-process.ts';
import { startTestServer } from '../servers/test-server.ts';

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

describe.skipIf(!canMount)('a full disk', () => {
  it.each([0, 1, 8])('a start with %d MiB of disk is refused with one sentence', (mebibytes) => {
    const dataDir = smallDisk(Math.max(mebibytes, 1)) ?? '';
    if (mebibytes === 0) fill(dataDir);
    const { status, stderr } = spawnSync(process.execPath, ['packages/server/src/main.ts'], {
      env: { PATH: process.env.PATH, DATA_DIR: dataDir, PORT: '0', DEMO: '0', LOG_LEVEL: 'silent' },
      encoding: 'utf8',
    });
    expect(stderr.trim()).toBe(
      `Colloquy can't start: the disk is full; free space on the disk of DATA_DIR (${dataDir}), then start again.`,
    );
    expect(status).toBe(1);
  });

  it('a recording on a full disk is refused with a 503 that names the store, and a later one is stored', async () => {
    await using testServer = await startTestServer({ dataDir: smallDisk(2) ?? '' });
    const businessId = await testServer.newBusiness();
    const sessionId = await putConversation(testServer, businessId, 's1');
    const put = (bytes: number) =>
      testServer.admin.putRecording({
        ...{ businessId, sessionId, participantId: 'c', contentType: 'audio/mpeg' },
        audio: new Uint8Array(bytes),
      });
    await expect(put(4 * MIB)).rejects.toMatchObject({
      status: 503,
      message: expect.stringContaining('The store of recordings is full'),
    });
    await put(1000);
  });

  it('a conversation on a full disk is refused with a 503 that names the database, and a later one is stored', async () => {
    const dataDir = smallDisk(200) ?? '';
    await copyPreparedCluster(dataDir);
    await using server = await startServer({ DATA_DIR: dataDir, DEMO: '0' });
    const { BusinessId: businessId } = await server.admin.createBusiness({ Name: 'Full' });
    const put = (sessionId: string) =>
      server.admin.putConversation({ ...CONVERSATION, businessId, sessionId });
    await put('before');
    const empty = fill(dataDir);
    await expect(put('while')).rejects.toMatchObject({
      status: 503,
      message: expect.stringContaining('The database is full'),
    });
    const read = await server.admin.getConversation({ businessId, sessionId: 'before' });
    expect(read.Messages).toHaveLength(1);
    empty();
    // A statement that failed may have ended its connection.
    await server.patient.putConversation({ ...CONVERSATION, businessId, sessionId: 'after' });
  });

  it('ledger entries wait while the disk is full, and a truncated line is written again', async () => {
    const ledgerDir = smallDisk(1) ?? '';
    await using testServer = await startTestServer({ ledgerDir });
    const businessId = await testServer.newBusiness();
    const ids = Array.from({ length: MORE_THAN_A_BLOCK }, (_, at) => `s${at}`);
    for (const id of ids) await putConversation(testServer, businessId, id);
    const pending = async () => (await testServer.sql.query('SELECT FROM ledger_pending')).rowCount;
    const empty = fill(ledgerDir);
    for (const sessionId of ids)
      await testServer.admin.deleteConversation({ businessId, sessionId });
    expect(await pending()).toBeGreaterThan(0);
    empty();
    await testServer.runJob('write-ledger');
    expect(await pending()).toBe(0);
    const [file = ''] = readdirSync(ledgerDir);
    const whole = new Set(
      readFileSync(join(ledgerDir, file), 'utf8').match(/"IdHash":"[\w-]{22}"(?=.*}$)/gm),
    );
    expect(whole.size).toBe(ids.length);
  });
});

/** So many lines of the ledger fill more than the block of the disk that is already allocated. */
const MORE_THAN_A_BLOCK = 50;
/** Random, because PostgreSQL would compress other text. */
const CONTENT = randomBytes(MIB / 2).toString('base64');
const CONVERSATION: Omit<InputOf<'PutConversation'>, 'businessId' | 'sessionId'> = {
  ...{ Status: 'Completed', EndType: 'Normal', InitiationType: 'Web' },
  ...{ StartTime: '2026-01-15T14:30:00Z', EndTime: '2026-01-15T14:40:00Z' },
  Clients: [{ ClientId: 'c', ClientType: 'Web', JoinedAt: '2026-01-15T14:30:00Z' }],
  Messages: [{ SenderId: 'c', Role: 'User', Content: CONTENT, Timestamp: '2026-01-15T14:30:00Z' }],
};

/** Fills the disk until the returned function is called. */
function fill(folder: string): () => void {
  const filler = join(folder, 'filler');
  for (const size of ['64k', '1']) {
    spawnSync('dd', ['if=/dev/zero', `of=${filler}`, `bs=${size}`, 'oflag=append', 'conv=notrunc']);
  }
  return () => rmSync(filler);
}

describe('isFullDisk', () => {
  it.each([
    [Object.assign(new Error('write'), { code: 'ENOSPC' }), true],
    [new Error('outer', { cause: Object.assign(new Error('x'), { code: '53100' }) }), true],
    [new Error('initdb: could not write: No space left on device'), true],
    [Object.assign(new Error('x'), { code: '53200' }), false],
    ['ENOSPC', false],
  ])('isFullDisk of %s is %s', (error, expected) => expect(isFullDisk(error)).toBe(expected));
});
