import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@colloquy/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemScope } from '../../packages/server/src/access/authorization/scope.ts';
import type { BlobStore } from '../../packages/server/src/blobs/blob-store.ts';
import { openLocalBlobs, recordingsFolder } from '../../packages/server/src/blobs/open-blobs.ts';
import { openS3Blobs } from '../../packages/server/src/blobs/s3.ts';
import { type MoveOutcome, moveBlobs } from '../../packages/server/src/recordings/storage/move.ts';
import { findRecordings } from '../../packages/server/src/recordings/storage/store.ts';
import { putConversation, setToRealTime } from '../fixtures/recordings-suite.ts';
import { bucketContents, folderContents, s3Config } from '../servers/blob-stores.ts';
import { copyPreparedCluster } from '../servers/postgres.ts';
import { ROOT, runServer, type Settings, startServer } from '../servers/server-process.ts';
import { CREDENTIALS, hasSwift, openSwift, REGION, type Swift } from '../servers/swift.ts';
import { startTestServer, testDatabase } from '../servers/test-server.ts';

const COMMAND = [process.execPath, 'packages/server/src/commands/migrate-blobs.ts'];
const BUSINESS = 7;

describe.runIf(hasSwift())('migrate-blobs', () => {
  const resources = new AsyncDisposableStack();
  let swift: Swift;
  beforeAll(async () => {
    swift = resources.use(await openSwift());
  });
  afterAll(() => resources.disposeAsync());

  async function newDataDir(): Promise<string> {
    const dataDir = await mkdtemp(join(tmpdir(), 'colloquy-move-'));
    resources.defer(() => rm(dataDir, { recursive: true, force: true }));
    return dataDir;
  }
  const onDisk = (dataDir: string) => folderContents(recordingsFolder({ dataDir }));
  const migrate = async (settings: Settings, from: string, to: string) => {
    const command = [...COMMAND, '--from', from, '--to', to];
    await using run = runServer(settings, { command });
    const { code } = await run.ended;
    return { code, stderr: run.logged.join('\n') };
  };

  it('migrate-blobs moves recordings to the bucket while a server runs, and back while it is stopped', async () => {
    const bucket = await swift.newBucket('versioned');
    const DATA_DIR = await newDataDir();
    const s3 = {
      S3_BUCKET: bucket,
      S3_ENDPOINT: swift.endpoint,
      S3_REGION: REGION,
      AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    };
    const settings = { DATA_DIR, DEMO: '0' };
    await copyPreparedCluster(DATA_DIR);
    const audio = Array.from({ length: 12 }, () => randomBytes(300_000));
    const put = (client: Client, index: number) =>
      client.putRecording({
        businessId: BUSINESS,
        sessionId: `s${index}`,
        participantId: '_mixed',
        audio: new Uint8Array(audio[index] ?? []),
        contentType: 'audio/ogg',
        StartTime: startTimeOf(index),
      });
    const startTimeOf = (index: number) => `2026-03-01T11:00:${10 + index}Z`;
    const urlOf = async (client: Client, index: number) => {
      const input = { businessId: BUSINESS, sessionId: `s${index}` };
      return (await client.getConversation(input)).Recordings?.[0]?.AudioUrl ?? '';
    };
    const expectAll = async (urls: readonly string[]) => {
      for (const [index, url] of urls.entries()) {
        const answer = await fetch(url);
        const body = Buffer.from(await answer.arrayBuffer());
        expect([answer.status, body.equals(audio[index] ?? Buffer.of())]).toEqual([200, true]);
      }
    };
    const urlsOf = (client: Client, count: number) =>
      Promise.all(Array.from({ length: count }, (_, index) => urlOf(client, index)));

    {
      await using server = await startServer(settings);
      await server.admin.createBusiness({ BusinessId: BUSINESS, Name: 'Moving' });
      for (let index = 0; index < 12; index += 1) {
        await server.admin.putConversation({
          businessId: BUSINESS,
          sessionId: `s${index}`,
          Status: 'Active',
          StartTime: '2026-03-01T11:00:00Z',
          InitiationType: 'Inbound',
        });
        if (index < 10) await put(server.admin, index);
      }
    }
    {
      await using server = await startServer({ ...settings, ...s3 });
      await put(server.admin, 10);
      const before = await urlsOf(server.admin, 11);
      expect(before.every((url) => url.startsWith(server.url))).toBe(true);
      await expectAll(before);
      expect((await onDisk(DATA_DIR)).length).toBe(10);

      const killed = runServer(
        { ...settings, ...s3 },
        { command: [...COMMAND, '--from', 'disk', '--to', 's3'] },
      );
      await expect
        .poll(async () => (await onDisk(DATA_DIR)).length, { interval: 5 })
        .toBeLessThan(10);
      await killed.end('SIGKILL');
      const { code, stderr } = await migrate({ ...settings, ...s3 }, 'disk', 's3');
      expect([code, stderr]).toEqual([0, expect.stringMatching(/^(\d+) of \1 moved, /m)]);
      expect(await onDisk(DATA_DIR)).toEqual([]);
      // A blob in flight when the command was killed may exist twice, as two versions of a name.
      expect([...new Set(await bucketContents(swift, bucket))]).toHaveLength(11);
      await expectAll(before);
      const refused = await migrate({ ...settings, ...s3 }, 's3', 'disk');
      expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('already runs')]);
    }
    {
      await using server = await startServer({ ...settings, ...s3 });
      await put(server.admin, 11);
      const urls = await urlsOf(server.admin, 12);
      expect(urls.every((url) => url.startsWith(swift.endpoint))).toBe(true);
      await expectAll(urls);
    }
    expect((await migrate({ ...settings, ...s3 }, 's3', 'disk')).code).toBe(0);
    expect(await bucketContents(swift, bucket)).toEqual([]);
    await using server = await startServer(settings);
    await expectAll(await urlsOf(server.admin, 12));
    const verified = await server.admin.verifyRecordings({ businessId: BUSINESS });
    expect(verified).toMatchObject({ Checked: 12, Problems: [] });
    for (let index = 0; index < 12; index += 1) {
      const input = { businessId: BUSINESS, sessionId: `s${index}` };
      const { Recordings } = await server.admin.getConversation(input);
      expect(Recordings?.[0]?.StartTime).toBe(startTimeOf(index));
    }
  });

  async function startMovingTestServer() {
    const closing = new AsyncDisposableStack();
    const { connection } = closing.use(await testDatabase());
    const dataDir = await newDataDir();
    const before = await startTestServer({ connection, dataDir });
    const businessId = await before.newBusiness();
    for (const sessionId of ['s1', 's2', 's3', 's4']) {
      await putConversation(before, businessId, sessionId);
      await before.admin.putRecording({
        businessId,
        sessionId,
        participantId: 'c',
        contentType: 'audio/ogg',
        audio: new TextEncoder().encode(`the words of ${sessionId}`),
      });
    }
    await before[Symbol.asyncDispose]();
    const s3 = s3Config(swift, await swift.newBucket('versioned'));
    const testServer = closing.use(await startTestServer({ connection, dataDir, s3 }));
    setToRealTime(testServer);
    const { clock, log, db } = testServer.app.ctx;
    const to = await openS3Blobs(s3, { clock, log });
    closing.defer(() => to.close());
    const from = await openLocalBlobs({ dataDir });
    const outcomes: MoveOutcome[] = [];
    return {
      testServer,
      businessId,
      dataDir,
      from,
      to,
      outcomes,
      keyOf: async (sessionId: string) =>
        (await findRecordings(db, systemScope(businessId), sessionId))[0]?.blobKey ?? '',
      move: (stores: { from?: BlobStore; to?: BlobStore } = {}) =>
        moveBlobs({ db, from, to, ...stores }, (_blob, outcome) => outcomes.push(outcome)),
      left: async () => ({
        disk: (await from.list(null, null)).blobs.length,
        bucket: (await bucketContents(swift, s3.bucket)).length,
      }),
      [Symbol.asyncDispose]: () => closing.disposeAsync(),
    };
  }

  it('migrate-blobs skips blobs that are erased while it moves them', async () => {
    await using moving = await startMovingTestServer();
    const { testServer, businessId, from, to } = moving;
    const erase = (sessionId: string) =>
      testServer.admin.deleteConversation({ businessId, sessionId });
    const [first, second, third] = await Promise.all(['s1', 's2', 's3'].map(moving.keyOf));
    await moving.move({
      from: {
        ...from,
        async read(key) {
          if (key === first) await erase('s1');
          return from.read(key);
        },
        async remove(key) {
          if (key === third) await erase('s3');
          await from.remove(key);
        },
      },
      to: {
        ...to,
        async put(key, source, type) {
          const written = await to.put(key, source, type);
          if (key === second) await erase('s2');
          return written;
        },
      },
    });
    const kinds = moving.outcomes.map(({ kind }) => kind).sort();
    expect(kinds).toEqual(['erased meanwhile', 'erased meanwhile', 'moved', 'moved']);
    expect(await moving.left()).toEqual({ disk: 0, bucket: 1 });
    expect(await to.size(await moving.keyOf('s4'))).toBe(15);
  });

  it('migrate-blobs leaves damaged and unclaimed blobs, and the server reads from both stores', async () => {
    await using moving = await startMovingTestServer();
    const { testServer, businessId, dataDir, from } = moving;
    await from.put(
      `${businessId}/nobody`,
      (async function* () {
        yield Buffer.from('x');
      })(),
    );
    const name = (await moving.keyOf('s2')).replace('/', '-');
    const entries = await readdir(dataDir, { recursive: true });
    const path = join(dataDir, entries.find((entry) => entry.endsWith(name)) ?? '');
    const whole = await readFile(path);
    await writeFile(path, 'the worms of s2');
    await moving.move();
    expect(moving.outcomes).toEqual(
      expect.arrayContaining([
        { kind: 'moved' },
        { kind: 'left', why: 'it is damaged' },
        { kind: 'left', why: 'nothing claims it' },
      ]),
    );
    expect(await moving.left()).toEqual({ disk: 2, bucket: 3 });
    const read = async (sessionId: string) => {
      const conversation = await testServer.admin.getConversation({ businessId, sessionId });
      const url = conversation.Clients[0]?.AudioUrl ?? '';
      return { url, text: await (await fetch(url)).text() };
    };
    expect((await read('s1')).text).toBe('the words of s1');
    expect((await read('s2')).text).toBe('the worms of s2');

    // Once repaired, as from a backup, the blob moves, and its URL is one of the bucket.
    await writeFile(path, whole);
    await from.remove(`${businessId}/nobody`);
    await moving.move();
    expect(await moving.left()).toEqual({ disk: 0, bucket: 4 });
    testServer.clock.advance(61);
    await expect.poll(async () => (await read('s2')).url).toContain(swift.endpoint);
    expect((await read('s2')).text).toBe('the words of s2');
  });

  it('migrate-blobs explains why it refuses invalid settings and arguments', async () => {
    const DATA_DIR = await newDataDir();
    const noBucket = await migrate({ DATA_DIR }, 'disk', 's3');
    expect([noBucket.code, noBucket.stderr]).toEqual([1, expect.stringContaining('S3_BUCKET')]);
    const usage = await migrate({ DATA_DIR, S3_BUCKET: 'recordings' }, 's3', 's3');
    expect([usage.code, usage.stderr]).toEqual([1, expect.stringContaining('--from disk --to s3')]);
    expect(JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')).scripts).toHaveProperty(
      'migrate-blobs',
    );
  });
});
