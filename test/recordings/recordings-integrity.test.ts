import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runHere } from '../../packages/cli/test/run-cli.ts';
import { systemScope } from '../../packages/server/src/access/authorization/scope.ts';
import type { BlobStore } from '../../packages/server/src/blobs/blob-store.ts';
import { sweepOrphans } from '../../packages/server/src/recordings/storage/orphans.ts';
import { receiveRecording } from '../../packages/server/src/recordings/storage/receive.ts';
import { findRecordings } from '../../packages/server/src/recordings/storage/store.ts';
import {
  putConversation,
  type RecordingTestServer,
  setToRealTime,
  startTestServerOnDisk,
  startTestServerWithBucket,
} from '../fixtures/recordings-suite.ts';
import { hasSwift } from '../servers/swift.ts';
import { ADMIN_KEY, MASKED_READER, type TestServer } from '../servers/test-server.ts';

const DAY = 86_400;
const servers: Record<string, () => Promise<RecordingTestServer>> = {
  'on disk': startTestServerOnDisk,
  ...(hasSwift() && { 'in a bucket': startTestServerWithBucket }),
};

async function* bytes(text: string) {
  yield Buffer.from(text);
}

describe.each(Object.entries(servers))('the integrity of recordings %s', (_name, open) => {
  let opened: RecordingTestServer;
  let server: TestServer;
  let blobs: BlobStore;
  beforeAll(async () => {
    opened = await open();
    server = opened.server;
    blobs = server.app.ctx.blobs;
    setToRealTime(server);
  });
  afterAll(() => opened[Symbol.asyncDispose]());

  const upload = (businessId: number, sessionId: string, text: string) =>
    server.admin.putRecording({
      businessId,
      sessionId,
      participantId: 'c',
      contentType: 'audio/ogg',
      audio: new TextEncoder().encode(text),
    });
  const newRecording = async (businessId: number, sessionId: string, text: string) => {
    await putConversation(server, businessId, sessionId);
    await upload(businessId, sessionId, text);
    return keyOf(businessId, sessionId);
  };
  const keyOf = async (businessId: number, sessionId: string) => {
    const scope = systemScope(businessId);
    return (await findRecordings(server.app.ctx.db, scope, sessionId))[0]?.blobKey ?? '';
  };
  const orphan = async (businessId: number) => {
    const key = `${businessId}/${randomBytes(16).toString('hex')}`;
    await blobs.put(key, bytes('nobody knows me'));
    return key;
  };
  const verify = async (businessId: number) => {
    const sum = { Checked: 0, Bytes: 0, Problems: [] as unknown[] };
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof server.admin.verifyRecordings>> =
        await server.admin.verifyRecordings({ businessId, NextCursor: cursor });
      sum.Checked += page.Checked;
      sum.Bytes += page.Bytes;
      sum.Problems.push(...page.Problems);
      cursor = page.NextCursor;
    } while (cursor !== null);
    return sum;
  };
  const sweep = () => sweepOrphans(server.app.ctx);

  it('a store without the mark of this database, or with that of another, is not swept', async () => {
    const businessId = await server.newBusiness();
    const lost = await orphan(businessId);
    server.clock.advance(2 * DAY);
    expect(await sweep()).toEqual({ removed: 0 });
    await server.sql.query('UPDATE installation SET id = gen_random_uuid()');
    server.clock.advance(2 * DAY);
    expect(await sweep()).toEqual({ removed: 0 });
    expect(await blobs.size(lost)).not.toBeNull();
    // Restored: the store has the mark of the first id.
    await server.sql.query('UPDATE installation SET id = $1', [await blobs.owner()]);
    server.clock.advance(2 * DAY);
    expect(await sweep()).toEqual({ removed: 1 });
    expect(await blobs.size(lost)).toBeNull();
    setToRealTime(server);
  });

  it('VerifyRecordings reports missing, damaged and orphaned recordings, and no others', async () => {
    const businessId = await server.newBusiness();
    const other = await server.newBusiness();
    expect(await verify(businessId)).toEqual({ Checked: 0, Bytes: 0, Problems: [] });
    const keys = [];
    for (const name of ['s1', 's2', 's3', 's4']) {
      keys.push(await newRecording(businessId, name, `the words of ${name}`));
    }
    const [, missing = '', damaged = '', shortened = ''] = keys;
    await newRecording(other, 's1', 'of another business');
    expect(await verify(businessId)).toEqual({ Checked: 4, Bytes: 60, Problems: [] });

    await blobs.remove(missing);
    await blobs.remove(damaged);
    await blobs.put(damaged, bytes('the Words of s3'));
    await blobs.remove(shortened);
    await blobs.put(shortened, bytes('the words of s'));
    const unknown = await orphan(businessId);
    await orphan(other);
    const problem = (SessionId: string, Problem: string, BlobKey: string) => ({
      SessionId,
      ParticipantId: 'c',
      Problem,
      BlobKey,
      Bytes: 15,
    });
    expect(await verify(businessId)).toEqual({
      Checked: 4,
      Bytes: 60,
      Problems: [
        problem('s2', 'Missing', missing),
        problem('s3', 'Damaged', damaged),
        problem('s4', 'Damaged', shortened),
        { ...problem('', 'Orphaned', unknown), SessionId: null, ParticipantId: null },
      ],
    });
    expect((await verify(other)).Problems).toHaveLength(1);

    const run = (business: number) =>
      runHere(['verify', '--business', `${business}`], { url: server.url, key: ADMIN_KEY });
    const bad = await run(businessId);
    expect(bad.code).toBe(1);
    expect(bad.stdout.trim().split('\n')).toHaveLength(4);
    expect(bad.stdout).toContain('"SessionId":"s3","ParticipantId":"c","Problem":"Damaged"');
    expect(bad.stderr).toContain('4 recordings read (0.0 MB): 1 missing, 2 damaged, 1 orphaned.');
    const good = await run(await server.newBusiness());
    expect([good.code, good.stdout]).toEqual([0, '']);
  });

  it('VerifyRecordings needs a permission for settings, and its cursors are valid for one business', async () => {
    const businessId = await server.newBusiness();
    await newRecording(businessId, 's1', 'words');
    const reader = await server.newClient(businessId, MASKED_READER);
    await expect(reader.verifyRecordings({ businessId })).rejects.toMatchObject({
      reason: 'PERMISSION_DENIED',
    });
    const auditor = await server.newClient(businessId, { Settings: ['Retrieving'] });
    const { NextCursor } = await auditor.verifyRecordings({ businessId });
    expect(NextCursor).not.toBeNull();
    const other = await server.newBusiness();
    await expect(
      server.admin.verifyRecordings({ businessId: other, NextCursor }),
    ).rejects.toMatchObject({ reason: 'INVALID_CURSOR' });
  });

  it('uploads in progress and released blobs are not orphans', async () => {
    const businessId = await server.newBusiness();
    const scope = systemScope(businessId);
    const audio = { contentType: 'audio/ogg', bytes: bytes('under way') };
    // As if the server was killed before the recording was claimed.
    const received = await receiveRecording(server.app.ctx, scope, audio, 100);
    expect((await verify(businessId)).Problems).toEqual([]);
    server.clock.advance(2 * DAY);
    await sweep();
    expect(await blobs.size(received.blobKey)).toBe(9);
  });

  it('orphans are removed after a day, and claimed blobs and other businesses are kept', async () => {
    const businessId = await server.newBusiness();
    const key = await newRecording(businessId, 's1', 'kept');
    const foreign = await orphan(8_888_888);
    const lost = await orphan(businessId);
    setToRealTime(server);
    await server.sql.query('DELETE FROM walks');
    await sweep();
    expect(await blobs.size(lost)).not.toBeNull();
    server.clock.advance(DAY - 60);
    expect(await sweep()).toEqual({ removed: 0 });
    server.clock.advance(120);
    expect((await sweep()).removed).toBeGreaterThan(0);
    expect(await blobs.size(lost)).toBeNull();
    expect(await blobs.size(key)).toBe(4);
    // Of a business that is not in this database.
    expect(await blobs.size(foreign)).not.toBeNull();
    await blobs.remove(foreign);
  });

  it('a sweep continues from the position of a process that died', async () => {
    const businessId = await server.newBusiness();
    const lost = [await orphan(businessId), await orphan(businessId)];
    server.clock.advance(2 * DAY);
    let pages = 0;
    const dying: BlobStore = {
      ...blobs,
      async list(business, position) {
        if (pages > 0) throw new Error('killed');
        pages += 1;
        const page = await blobs.list(business, position);
        return { blobs: page.blobs, next: page.next ?? 'ff/ff' };
      },
    };
    await expect(sweepOrphans({ ...server.app.ctx, blobs: dying })).rejects.toThrow('killed');
    const { rows } = await server.sql.query('SELECT position, is_done FROM walks');
    expect(rows).toEqual([{ position: expect.any(String), is_done: false }]);
    await sweep();
    expect((await server.sql.query('SELECT is_done FROM walks')).rows).toEqual([{ is_done: true }]);
    for (const key of lost) expect(await blobs.size(key)).toBeNull();
  });
});
