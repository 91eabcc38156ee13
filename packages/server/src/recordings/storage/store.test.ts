import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { testDatabase } from '../../../../../test/servers/test-server.ts';
import { systemScope } from '../../access/authorization/scope.ts';
import type { BlobStore } from '../../blobs/blob-store.ts';
import { openDiskBlobs } from '../../blobs/disk.ts';
import { readConfig } from '../../config.ts';
import { openFairShare } from '../../kernel/fair-share/fair-share.ts';
import type { Database } from '../../kernel/postgres/database.ts';
import { openDatabase } from '../../kernel/postgres/open-database.ts';
import { deriveSecrets } from '../../kernel/secrets.ts';
import { openThreads } from '../../kernel/threads/threads.ts';
import { type MediaRequest, openMedia } from '../media.ts';
import { checkMediaUrl, mediaUrl } from '../media-url.ts';
import { receiveRecording } from './receive.ts';
import {
  claimRecording,
  discardUpload,
  findRecordings,
  releaseRecordings,
  removeReleased,
} from './store.ts';
import { businessesToSweep, sweepUnclaimedBlobs } from './sweep.ts';

const DAY = 86_400_000;
const START = Date.UTC(2026, 0, 15);
const scope = systemScope(7);
let now = START;
const clock = { now: () => now };
const log = pino({ level: 'silent' });
const resources = new AsyncDisposableStack();
let db: Database;
let folder: string;
let blobs: BlobStore;

beforeAll(async () => {
  const { connection } = resources.use(await testDatabase());
  db = openDatabase({ connection, onError: () => {} });
  resources.defer(() => db.close());
  await db.pool.query(
    `INSERT INTO businesses (business_id, name, created_at) VALUES (7, 'seven', now())`,
  );
  folder = await mkdtemp(join(tmpdir(), 'colloquy-blobs-'));
  resources.defer(() => rm(folder, { recursive: true, force: true }));
});
afterAll(() => resources.disposeAsync());
beforeEach(async () => {
  now = START;
  await db.pool.query('TRUNCATE recordings, unclaimed_blobs');
  await rm(folder, { recursive: true, force: true });
  blobs = await openDiskBlobs(folder);
});

async function* pieces(...chunks: (Uint8Array | string | Error)[]) {
  for (const chunk of chunks) {
    await new Promise(setImmediate);
    if (chunk instanceof Error) throw chunk;
    yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
  }
}

async function files(): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
}

const newKey = (businessId = 7) => `${businessId}/${randomBytes(16).toString('hex')}`;
const text = async (key: string, range?: { start: number; end: number }) => {
  const stream = await blobs.read(key, range);
  return stream && (await buffer(stream)).toString();
};

describe('blobs on disk', () => {
  test('blobs are distributed over many folders', async () => {
    const keys = Array.from({ length: 200 }, () => newKey());
    await Promise.all(keys.map((key) => blobs.put(key, pieces('x'))));
    expect((await readdir(folder)).length).toBeGreaterThan(50);
  });

  test('drafts of a process that died are removed when they are old', async () => {
    const old = (Date.now() - DAY - 60_000) / 1000;
    await writeFile(join(folder, 'incoming', 'old'), 'half');
    await utimes(join(folder, 'incoming', 'old'), old, old);
    await writeFile(join(folder, 'incoming', 'young'), 'half');
    expect(await blobs.removeUnfinished(Date.now() - DAY)).toBe(1);
    expect(await files()).toEqual(['young']);
  });

  test('a broken store throws UNAVAILABLE', async () => {
    await rm(folder, { recursive: true });
    await writeFile(folder, 'a file where the folder was');
    const fault = { code: 'UNAVAILABLE' };
    await expect(blobs.put(newKey(), pieces('x'))).rejects.toMatchObject(fault);
    await expect(blobs.size(newKey())).rejects.toMatchObject(fault);
    await expect(blobs.list(null, null)).rejects.toMatchObject(fault);
  });
});

describe('media URLs', () => {
  const secrets = deriveSecrets('a secret of thirty-two characters');
  const parts = () => ({
    config: readConfig({}),
    secrets,
    blobs,
    clock,
    publicUrl: () => 'http://127.0.0.1:8080',
  });
  const target = { businessId: 7, blobKey: newKey(), contentType: 'audio/ogg' } as const;
  const make = () => mediaUrl(parts(), target).slice('http://127.0.0.1:8080'.length);
  const reason = (url: string) => {
    try {
      checkMediaUrl(parts(), url);
      return 'taken';
    } catch (error) {
      return error instanceof Error && 'code' in error ? error.code : error;
    }
  };

  test('a media URL names its recording until it expires', () => {
    const url = make();
    expect(checkMediaUrl(parts(), url)).toEqual(target);
    now += 1800 * 1000 - 1;
    expect(reason(url)).toBe('taken');
    now += 1;
    expect(reason(url)).toBe('URL_EXPIRED');
    expect(reason(`${url}x`)).toBe('URL_INVALID');
  });

  test('a media URL stays the same for half of its lifetime, and never works longer than it', () => {
    for (const ttl of [1, 2, 3, 7, 1800, 604_800]) {
      const config = { ...readConfig({}), audioUrlTtlSeconds: ttl };
      const madeAt = new Map<string, number>();
      for (let step = 0; step < 40; step += 1, now += (ttl * 1000) / 16) {
        const url = mediaUrl({ ...parts(), config }, target);
        if (!madeAt.has(url)) madeAt.set(url, now);
        const left = Number(/expires=(\d+)/.exec(url)?.[1]) - now;
        expect(left).toBeLessThanOrEqual(ttl * 1000);
        expect(left).toBeGreaterThan((ttl * 1000) / 2 - 1);
      }
      expect(madeAt.size).toBeLessThanOrEqual(6);
    }
  });

  test('a media URL begins with PUBLIC_URL if it is set', () => {
    const config = readConfig({ PUBLIC_URL: 'https://calls.example.com/colloquy/' });
    expect(mediaUrl({ ...parts(), config }, target)).toMatch(
      /^https:\/\/calls\.example\.com\/colloquy\/media\/7\//,
    );
  });

  test('a media URL is refused with any character changed, added or removed', () => {
    const url = make();
    const printable = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index));
    for (let at = 0; at <= url.length; at++) {
      const [before, after] = [url.slice(0, at), url.slice(at)];
      if (after !== '') expect(reason(before + after.slice(1))).toBe('URL_INVALID');
      for (const character of printable) {
        const changed = before + character + after.slice(1);
        const inserted = before + character + after;
        if (changed !== url) expect(reason(changed)).toBe('URL_INVALID');
        if (inserted !== url) expect(reason(inserted)).toBe('URL_INVALID');
      }
    }
  });

  test('a media URL is refused with any spliced text, and with another SECRET', () => {
    const url = make();
    const splice = fc.tuple(fc.nat(url.length), fc.nat(url.length), fc.string({ unit: 'binary' }));
    fc.assert(
      fc.property(splice, ([from, length, middle]) => {
        const altered = url.slice(0, from) + middle + url.slice(from + length);
        expect(reason(altered)).toBe(altered === url ? 'taken' : 'URL_INVALID');
      }),
      { numRuns: 5_000 },
    );
    const others = { ...parts(), secrets: deriveSecrets('another secret of 32 characters..') };
    expect(() => checkMediaUrl(others, url)).toThrow(
      expect.objectContaining({ code: 'URL_INVALID' }),
    );
  });

  test('a store that presigns URLs makes the media URLs itself', () => {
    const presign = (key: string, ttlSeconds: number, type: string) =>
      `s3:${key}/${ttlSeconds}/${type}`;
    expect(mediaUrl({ ...parts(), blobs: { ...blobs, presign } }, target)).toBe(
      `s3:${target.blobKey}/1800/audio/ogg`,
    );
  });
});

describe('media answers', () => {
  const tag = '"abc"';
  const target = { businessId: 7, blobKey: newKey(), contentType: 'audio/mpeg', tag } as const;
  beforeEach(async () => void (await blobs.put(target.blobKey, pieces('0123456789'))));
  const get = async (
    range?: string,
    method: 'GET' | 'HEAD' = 'GET',
    conditions: Partial<MediaRequest> = {},
  ) => {
    const request = { method, range, ...conditions };
    const { status, headers, stream } = await openMedia(blobs, target, request);
    const body = stream && (await buffer(stream)).toString();
    return { status, body, length: headers['Content-Length'], range: headers['Content-Range'] };
  };

  test('a request without a range gets the whole recording', async () => {
    const { status, headers, stream } = await openMedia(blobs, target, { method: 'GET' });
    expect([status, stream && (await buffer(stream)).toString()]).toEqual([200, '0123456789']);
    expect(headers).toEqual({
      'Accept-Ranges': 'bytes',
      'Cache-Control': 'private',
      'Content-Disposition': 'inline',
      'Content-Length': '10',
      'Content-Type': 'audio/mpeg',
      ETag: tag,
      'X-Content-Type-Options': 'nosniff',
    });
  });

  test.each([
    ['bytes=0-0', '0', '0-0'],
    ['bytes=2-4', '234', '2-4'],
    ['bytes=7-', '789', '7-9'],
    ['bytes=8-99999999999999999999', '89', '8-9'],
    ['bytes=-3', '789', '7-9'],
    ['bytes=-99', '0123456789', '0-9'],
    ['BYTES= 1-2 ', '12', '1-2'],
  ])('the range %s gets its bytes', async (header, body, range) => {
    const length = `${body.length}`;
    expect(await get(header)).toEqual({ status: 206, body, length, range: `bytes ${range}/10` });
  });

  test.each(['bytes=10-', 'bytes=10-20', 'bytes=-0', 'bytes=99999999999999999999-'])(
    'the range %s is not satisfiable',
    async (header) => {
      expect(await get(header)).toEqual({
        status: 416,
        body: null,
        length: '0',
        range: 'bytes */10',
      });
    },
  );

  test.each([
    '',
    'bytes',
    'bytes=',
    'bytes=-',
    'bytes=4-2',
    'bytes=a-b',
    'lines=0-1',
    'bytes=0-1,3-4',
  ])('the range %j is ignored', async (header) => {
    expect(await get(header)).toMatchObject({ status: 200, body: '0123456789', length: '10' });
  });

  test.each([tag, ` ${tag} `])(
    'If-Range: %s with the current tag gets the range',
    async (ifRange) => {
      expect(await get('bytes=2-4', 'GET', { ifRange })).toMatchObject({
        status: 206,
        body: '234',
      });
    },
  );

  test.each([
    '"other"',
    `W/${tag}`,
    'abc',
    '*',
    '',
    `${tag}, "other"`,
    'Wed, 21 Oct 2015 07:28:00 GMT',
    'Wed, 21 Oct 2099 07:28:00 GMT',
  ])('If-Range: %j with another value gets the whole recording', async (ifRange) => {
    const whole = { status: 200, body: '0123456789', range: undefined };
    expect(await get('bytes=2-4', 'GET', { ifRange })).toMatchObject(whole);
    expect(await get('bytes=99-', 'GET', { ifRange })).toMatchObject(whole);
  });

  test.each([tag, `W/${tag}`, `"x", ${tag}`, '*'])(
    'If-None-Match: %s is answered 304 before any range',
    async (ifNoneMatch) => {
      for (const method of ['GET', 'HEAD'] as const) {
        const answer = await get('bytes=99-', method, { ifNoneMatch });
        expect(answer).toMatchObject({ status: 304, body: null });
      }
    },
  );

  test('If-None-Match with another tag is ignored', async () => {
    expect(await get('bytes=2-4', 'GET', { ifNoneMatch: '"x", abc' })).toMatchObject({
      status: 206,
    });
  });

  test('HEAD gets the headers without a body', async () => {
    expect(await get('bytes=2-4', 'HEAD')).toMatchObject({ status: 200, body: null, length: '10' });
  });

  test('an erased recording is GONE', async () => {
    await blobs.remove(target.blobKey);
    await expect(get()).rejects.toMatchObject({ code: 'GONE' });
  });
});

describe('stored recordings', () => {
  const audioThreads = openThreads({ maxThreads: 1 });
  afterAll(() => audioThreads.close());
  const share = openFairShare(new Registry());
  const parts = () => ({ db, blobs, clock, log, audioThreads, share });
  const receive = async (...chunks: Parameters<typeof pieces>) => {
    const audio = { contentType: 'audio/x-wav', bytes: pieces(...chunks) };
    return { ...(await receiveRecording(parts(), scope, audio, 100)), startTime: null };
  };
  const claim = async (participantId: string, ...chunks: Parameters<typeof pieces>) => {
    const received = await receive(...chunks);
    const claimed = { ...received, participantId, uploadedAt: now };
    const { replaced } = await db.transaction((tx) => claimRecording(tx, scope, 'call_1', claimed));
    return { received, replaced };
  };
  const unclaimed = async () => (await db.pool.query('SELECT * FROM unclaimed_blobs')).rowCount;
  const participants = async () =>
    (await findRecordings(db, scope, 'call_1')).map((recording) => recording.participantId);

  test('a recording is received, claimed and found', async () => {
    const { received, replaced } = await claim('agent_1', 'abc', 'def');
    const sha256 = createHash('sha256').update('abcdef').digest('hex');
    expect(replaced).toBeNull();
    expect(received).toEqual({
      blobKey: expect.stringMatching(/^7\/[0-9a-f]{32}$/),
      contentType: 'audio/wav',
      bytes: 6,
      sha256,
      durationSeconds: null,
      startTime: null,
    });
    const stored = { participantId: 'agent_1', ...received, uploadedAt: START };
    expect(await findRecordings(db, scope, 'call_1')).toEqual([stored]);
    expect(await findRecordings(db, systemScope(8), 'call_1')).toEqual([]);
    expect([await unclaimed(), (await files()).length]).toEqual([0, 1]);
  });

  test('a duration is stored to the millisecond', async () => {
    const received = { ...(await receive('abc')), durationSeconds: 18_343.001 };
    const claimed = { ...received, participantId: 'x', uploadedAt: now };
    await db.transaction((tx) => claimRecording(tx, scope, 'call_1', claimed));
    const [found] = await findRecordings(db, scope, 'call_1');
    expect(found?.durationSeconds).toBe(18_343.001);
  });

  test('an upload that is truncated, empty, too large or not audio leaves no blob', async () => {
    const aborted = new Error('aborted');
    await expect(receive('abc', aborted)).rejects.toBe(aborted);
    await expect(receive()).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
    await expect(receive(Buffer.alloc(60), Buffer.alloc(41))).rejects.toMatchObject({
      code: 'PAYLOAD_TOO_LARGE',
    });
    const picture = { contentType: 'image/png', bytes: pieces('abc') };
    await expect(receiveRecording(parts(), scope, picture, 100)).rejects.toMatchObject({
      code: 'UNSUPPORTED_MEDIA_TYPE',
    });
    expect([await unclaimed(), await files()]).toEqual([0, []]);
    expect((await receive(Buffer.alloc(60), Buffer.alloc(40))).bytes).toBe(100);
  });

  test('a recording is replaced, and the old blob is removed after the commit', async () => {
    const first = await claim('agent_1', 'first');
    now += 1_000;
    const second = await claim('agent_1', 'second');
    expect(second.replaced).toEqual({ keys: [first.received.blobKey], bytes: 5 });
    expect([await unclaimed(), (await files()).length]).toEqual([1, 2]);
    await removeReleased(parts(), scope, second.replaced?.keys ?? []);
    expect([await unclaimed(), (await files()).length]).toEqual([0, 1]);
    const { blobKey } = second.received;
    expect(await findRecordings(db, scope, 'call_1')).toMatchObject([
      { blobKey, uploadedAt: START + 1_000 },
    ]);
    expect(await text(blobKey)).toBe('second');
  });

  test('concurrent claims of one participant leave one row and lose no blob', async () => {
    await Promise.all(Array.from({ length: 12 }, (_, index) => claim('agent_1', `take ${index}`)));
    expect([await unclaimed(), (await files()).length]).toEqual([11, 12]);
    await sweepUnclaimedBlobs(parts(), scope);
    const [found] = await findRecordings(db, scope, 'call_1');
    expect([await unclaimed(), (await files()).length]).toEqual([0, 1]);
    expect(await text(found?.blobKey ?? '')).toMatch(/^take \d+$/);
  });

  test('all recordings except those kept by participant are released', async () => {
    for (const name of ['a', 'b', '_mixed']) await claim(name, name);
    const released = await db.transaction((tx) =>
      releaseRecordings(tx, scope, ['call_1'], { kept: ['a', '_mixed', 'z'], now }),
    );
    expect([released.bytes, await participants()]).toEqual([1, ['_mixed', 'a']]);
    await removeReleased(parts(), scope, released.keys);
    const all = await db.transaction((tx) =>
      releaseRecordings(tx, scope, ['call_1'], { kept: 'none', now }),
    );
    await removeReleased(parts(), scope, all.keys);
    expect([all.keys.length, await participants()]).toEqual([2, []]);
    expect([await unclaimed(), await files()]).toEqual([0, []]);
  });

  test('a dropped upload is removed, and a claimed one is kept', async () => {
    await discardUpload(parts(), scope, await receive('not kept'));
    expect([await unclaimed(), await files()]).toEqual([0, []]);
    const { received } = await claim('agent_1', 'kept');
    await discardUpload(parts(), scope, received);
    await removeReleased(parts(), scope, [received.blobKey]);
    expect(await text(received.blobKey)).toBe('kept');
  });

  test('a claim that is rolled back neither claims nor loses a blob', async () => {
    const { received: kept } = await claim('agent_1', 'kept');
    const received = await receive('rolled back');
    const failure = new Error('no');
    const work = db.transaction(async (tx) => {
      const claimed = { ...received, participantId: 'agent_1', uploadedAt: now };
      const { replaced } = await claimRecording(tx, scope, 'call_1', claimed);
      expect(replaced?.keys).toEqual([kept.blobKey]);
      throw failure;
    });
    await expect(work).rejects.toBe(failure);
    await removeReleased(parts(), scope, [kept.blobKey]);
    await discardUpload(parts(), scope, received);
    expect(await findRecordings(db, scope, 'call_1')).toMatchObject([{ blobKey: kept.blobKey }]);
    expect([await unclaimed(), (await files()).length]).toEqual([0, 1]);
  });

  test('blobs left by a crash after the commit are removed by the next sweep', async () => {
    await claim('agent_1', 'first');
    await claim('agent_1', 'second');
    expect(await businessesToSweep({ db, clock })).toEqual([7]);
    expect(await sweepUnclaimedBlobs(parts(), scope)).toEqual({ removed: 1 });
    expect([await unclaimed(), (await files()).length]).toEqual([0, 1]);
    expect(await businessesToSweep({ db, clock })).toEqual([]);
  });

  test('uploads left by a crash are removed after a day, and uploads in progress are kept', async () => {
    const left = await receive('left by a crash');
    now += DAY - 1;
    expect(await sweepUnclaimedBlobs(parts(), scope)).toEqual({ removed: 0 });
    const young = await receive('under way');
    now += 2;
    expect(await sweepUnclaimedBlobs(parts(), systemScope(8))).toEqual({ removed: 0 });
    expect(await sweepUnclaimedBlobs(parts(), scope)).toEqual({ removed: 1 });
    expect([await blobs.size(left.blobKey), await blobs.size(young.blobKey)]).toEqual([null, 9]);
    const claimed = { ...left, participantId: 'a', uploadedAt: now };
    const late = db.transaction((tx) => claimRecording(tx, scope, 'call_1', claimed));
    await expect(late).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  test('an upload that the sweep has discarded cannot be claimed', async () => {
    const received = await receive('slow');
    now += DAY + 1;
    const away = { ...blobs, remove: () => Promise.reject(new Error('the store is away')) };
    await expect(sweepUnclaimedBlobs({ ...parts(), blobs: away }, scope)).rejects.toThrow('away');
    const claimed = { ...received, participantId: 'a', uploadedAt: now };
    const late = db.transaction((tx) => claimRecording(tx, scope, 'call_1', claimed));
    await expect(late).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await sweepUnclaimedBlobs(parts(), scope)).toEqual({ removed: 1 });
  });

  test('a sweep removes more blobs than one batch', async () => {
    const keys = Array.from({ length: 1_201 }, () => newKey());
    await db.pool.query(
      'INSERT INTO unclaimed_blobs SELECT 7, key, now(), true FROM unnest($1::text[]) AS key',
      [keys],
    );
    expect(await sweepUnclaimedBlobs(parts(), scope)).toEqual({ removed: 1_201 });
  });

  test('blobs that cannot be removed now are removed by the sweep', async () => {
    await claim('agent_1', 'first');
    const { replaced } = await claim('agent_1', 'second');
    const remove = () => Promise.reject(new Error('the store is away'));
    await removeReleased({ ...parts(), blobs: { ...blobs, remove } }, scope, replaced?.keys ?? []);
    expect(await unclaimed()).toBe(1);
    expect(await sweepUnclaimedBlobs(parts(), scope)).toEqual({ removed: 1 });
  });
});
