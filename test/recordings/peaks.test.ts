import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { wavSamples } from '../../packages/server/src/recordings/audio/containers/wav-samples.ts';
import { peaksOf } from '../../packages/server/src/recordings/audio/decoding/peaks.ts';
import { UndecodableError } from '../../packages/server/src/recordings/audio/undecodable.ts';
import { minuteJobs, namedJobs } from '../../packages/server/src/rooms.ts';
import { callActions } from '../fixtures/kept-calls.ts';
import { wavOf } from '../fixtures/wav.ts';
import { startTestServer, type TestServer } from '../servers/test-server.ts';

const FORMATS = join(import.meta.dirname, '../../samples/audio-formats');
const RATE = 8_000;

const wave = (frames: number, channels: number, sample: Parameters<typeof wavOf>[3]) =>
  wavOf(RATE, frames, channels, sample);

async function* pieces(bytes: Buffer, size = 1_000) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
const peaksIn = async (bytes: Buffer, size?: number) =>
  peaksOf(await wavSamples(pieces(bytes, size)));

describe('peaks', () => {
  test('are the samples farthest from zero, of each channel by itself', async () => {
    // A tenth of a second each: silence, half of full scale, below zero.
    const file = wave(2_400, 2, (channel, at) =>
      channel === 0 ? ([0, 0.5, -0.25][Math.floor(at / 800)] ?? 0) : 1,
    );
    for (const size of [1, 7, 1_000, 100_000]) {
      const { channels, durationSeconds, peaksPerSecond } = await peaksIn(file, size);
      expect([durationSeconds, peaksPerSecond]).toEqual([0.3, 50]);
      expect(channels[0]).toEqual([
        ...Array(5).fill(0),
        ...Array(5).fill(0.5),
        ...Array(5).fill(-0.25),
      ]);
      expect(channels[1]).toEqual(Array(15).fill(1));
    }
  });

  test('of a file cut off are of what is there', async () => {
    const file = wave(1_600, 1, () => 0.5).subarray(0, 44 + 1_001);
    const { channels, durationSeconds } = await peaksIn(file);
    expect(durationSeconds).toBe(0.063);
    expect(channels).toEqual([[0.5, 0.5, 0.5, 0.5]]);
  });

  test('of long audio each stand for more of it', async () => {
    const blocks = (async function* () {
      for (let block = 0; block < 3_600; block += 1) {
        yield new Float32Array(RATE).fill(block === 1_800 ? 1 : 0.1);
      }
    })();
    const { channels, durationSeconds, peaksPerSecond } = await peaksOf({
      sampleRate: RATE,
      channels: 1,
      blocks,
    });
    expect([durationSeconds, peaksPerSecond]).toEqual([3_600, 12.5]);
    expect(channels[0]).toHaveLength(45_000);
    expect(channels[0]?.indexOf(1)).toBe(1_800 * 12.5);
  });

  test.each([
    ['nothing', Buffer.alloc(0)],
    ['noise', Buffer.alloc(5_000, 'noise')],
    ['a header alone', wave(0, 1, () => 0).subarray(0, 36)],
    ['an unknown codec', Buffer.from(wave(10, 1, () => 0)).fill(0x55, 20, 22)],
    ['no channels', Buffer.from(wave(10, 1, () => 0)).fill(0, 22, 24)],
  ])('are none of %s', async (_, bytes) => {
    await expect(peaksIn(bytes)).rejects.toBeInstanceOf(UndecodableError);
  });

  test('of the laws of telephones are those of what they were made of', async () => {
    const [plain, muLaw] = await Promise.all(
      ['whatstheweatherlike.wav', 'whatstheweatherlike-mulaw.wav'].map(async (name) =>
        peaksIn(await readFile(join(FORMATS, name))),
      ),
    );
    const [one, other] = [plain?.channels[0] ?? [], muLaw?.channels[0] ?? []];
    expect(Math.max(...one.map(Math.abs))).toBeGreaterThan(0.05);
    const size = Math.min(one.length, other.length);
    for (let at = 0; at < size; at += 1) {
      expect(Math.abs(Math.abs(one[at] ?? 0) - Math.abs(other[at] ?? 0))).toBeLessThan(0.12);
    }
  });
});

let server: TestServer;
let businessId: number;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(async () => {
  businessId = await server.newBusiness();
});
const { finished, read } = callActions(() => ({ server, businessId }));
const put = (sessionId: string, audio: Uint8Array, contentType = 'audio/wav') =>
  server.admin.putRecording({
    businessId,
    sessionId,
    participantId: 'client',
    audio: new Uint8Array(audio),
    contentType,
  } as never);
const peaks = (sessionId: string, participantId = 'client') =>
  server.admin.getRecordingPeaks({ businessId, sessionId, participantId });

/** Carries out the jobs that uploads have added, as the worker does. */
async function makeAll(ctx = server.app.ctx): Promise<void> {
  const { rows } = await server.sql.query(
    `DELETE FROM graphile_worker._private_jobs j USING graphile_worker._private_tasks t
     WHERE t.id = j.task_id AND t.identifier = 'make-peaks' RETURNING j.payload`,
  );
  for (const { payload } of rows) await namedJobs(ctx)['make-peaks']?.(payload);
}
const withoutFfmpeg = () => {
  const { ctx } = server.app;
  return { ...ctx, config: { ...ctx.config, searchPath: '/nowhere' } };
};
const blobs = async () => {
  const folder = join(server.app.ctx.config.dataDir, 'recordings');
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile() && entry.name.startsWith(`${businessId}-`))
    .length;
};
const hasFfmpeg = (() => {
  try {
    execFileSync('ffmpeg', ['-version']);
    return true;
  } catch {
    return false;
  }
})();

describe('a recording', () => {
  test('has its peaks soon after its upload, and lets go of them with itself', async () => {
    const id = await finished(1);
    await expect(peaks(id)).rejects.toMatchObject({ status: 404 });
    await put(
      id,
      wave(1_600, 1, () => 0.5),
    );
    await expect(peaks(id)).rejects.toMatchObject({
      status: 404,
      message: expect.stringContaining('not made yet'),
    });
    await makeAll();
    const first = { DurationSeconds: 0.2, PeaksPerSecond: 50, Peaks: [Array(10).fill(0.5)] };
    expect(await peaks(id)).toEqual(first);
    expect(await blobs()).toBe(2);
    // Another one takes its place, with peaks of its own.
    await put(
      id,
      wave(1_600, 1, () => -0.5),
    );
    expect(await blobs()).toBe(1);
    await makeAll();
    expect((await peaks(id)).Peaks).toEqual([Array(10).fill(-0.5)]);
    await server.admin.deleteConversation({ businessId, sessionId: id });
    expect(await blobs()).toBe(0);
    await expect(peaks(id)).rejects.toMatchObject({ status: 410 });
  });

  test('that is replaced or erased while it is decoded keeps none of them', async () => {
    const id = await finished(1);
    await put(
      id,
      wave(1_600, 1, () => 0.5),
    );
    const { rows } = await server.sql.query(
      'SELECT blob_key FROM recordings WHERE business_id = $1',
      [businessId],
    );
    const payload = {
      businessId,
      conversationId: id,
      participantId: 'client',
      blobKey: rows[0].blob_key,
    };
    const { blobs: store } = server.app.ctx;
    // In the moment in which the peaks are written.
    const during = (work: () => Promise<unknown>) => ({
      ...server.app.ctx,
      blobs: {
        ...store,
        put: async (...given: Parameters<typeof store.put>) => {
          await work();
          return store.put(...given);
        },
      },
    });
    await namedJobs(
      during(() =>
        put(
          id,
          wave(800, 1, () => 1),
        ),
      ),
    )['make-peaks']?.(payload);
    await makeAll();
    expect((await peaks(id)).Peaks).toEqual([Array(5).fill(1)]);
    expect(await blobs()).toBe(2);
    const erase = () => server.admin.deleteConversation({ businessId, sessionId: id });
    await put(
      id,
      wave(1_600, 1, () => 0.1),
    );
    const { rows: later } = await server.sql.query(
      'SELECT blob_key FROM recordings WHERE business_id = $1',
      [businessId],
    );
    await namedJobs(during(erase))['make-peaks']?.({ ...payload, blobKey: later[0].blob_key });
    expect(await blobs()).toBe(0);
    const left = await server.sql.query('SELECT FROM unclaimed_blobs WHERE business_id = $1', [
      businessId,
    ]);
    expect(left.rowCount).toBe(0);
  });

  test('from before is found by the minute', async () => {
    const id = await finished(1);
    await put(
      id,
      wave(1_600, 1, () => 0.5),
    );
    await server.sql.query('DELETE FROM graphile_worker._private_jobs');
    await minuteJobs(server.app.ctx)['find-peaks']?.();
    await makeAll();
    await expect(peaks(id)).rejects.toMatchObject({ status: 404 });
    server.clock.advance(700);
    await minuteJobs(server.app.ctx)['find-peaks']?.();
    await makeAll();
    expect((await peaks(id)).DurationSeconds).toBe(0.2);
    server.clock.advance(-700);
  });

  test('that is none is tried once, and says so', async () => {
    const id = await finished(1);
    await put(id, Buffer.alloc(3_000, 'noise'));
    await makeAll();
    await expect(peaks(id)).rejects.toMatchObject({
      status: 404,
      message: expect.stringContaining('not be decoded'),
    });
  });

  test.runIf(hasFfmpeg).each([
    ['aac.m4a', 'audio/mp4'],
    ['aac-fragmented.m4a', 'audio/mp4'],
    ['flac-piped.flac', 'audio/flac'],
    ['opus-live.webm', 'audio/webm'],
    ['opus.ogg', 'audio/ogg'],
    ['vorbis.ogg', 'audio/ogg'],
    ['whatstheweatherlike.mp3', 'audio/mpeg'],
    ['piped.wav', 'audio/wav'],
  ])('%s is decoded', async (name, contentType) => {
    const id = await finished(1);
    await put(id, await readFile(join(FORMATS, name)), contentType);
    await makeAll();
    const { DurationSeconds, Peaks, PeaksPerSecond } = await peaks(id);
    const [recording] = (await read(id)).Recordings ?? [];
    expect(recording?.DurationSeconds).not.toBeNull();
    expect(Math.abs(DurationSeconds - (recording?.DurationSeconds ?? 0))).toBeLessThan(0.2);
    expect(Peaks[0]?.length).toBe(Math.ceil(DurationSeconds * PeaksPerSecond));
    // It is speech: some of it is loud, and some of it is not.
    const loud = (Peaks[0] ?? []).filter((peak) => Math.abs(peak) > 0.1).length;
    expect(loud).toBeGreaterThan(5);
    expect(loud).toBeLessThan(Peaks[0]?.length ?? 0);
  });

  test.each([
    ['flac.flac', 'audio/flac'],
    ['opus-live.webm', 'audio/webm'],
    ['opus.ogg', 'audio/ogg'],
    ['vorbis.ogg', 'audio/ogg'],
    ['whatstheweatherlike.mp3', 'audio/mpeg'],
  ])('%s is decoded without ffmpeg', async (name, contentType) => {
    const id = await finished(1);
    await put(id, await readFile(join(FORMATS, name)), contentType);
    await makeAll(withoutFfmpeg());
    expect((await peaks(id)).DurationSeconds).toBeCloseTo(2.03, 1);
  });

  test('in formats that need ffmpeg are named once per format in the log', async () => {
    const lines: string[] = [];
    const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) });
    const aac = await readFile(join(FORMATS, 'aac.m4a'));
    for (let count = 0; count < 3; count += 1) await put(await finished(1), aac, 'audio/mp4');
    await makeAll({ ...withoutFfmpeg(), log });
    expect(lines.map((line) => JSON.parse(line).msg)).toEqual([
      'skipped the waveform: decoding this format needs ffmpeg',
    ]);
  });

  test('that was skipped for want of ffmpeg is decoded after the upgrade', async () => {
    const id = await finished(1);
    await put(id, await readFile(join(FORMATS, 'opus.ogg')), 'audio/ogg');
    await server.sql.query('DELETE FROM graphile_worker._private_jobs');
    await server.sql.query(
      `UPDATE recordings SET peaks_state = 'NoDecoder', silenced_state = 'NoDecoder',
         silenced_for = 'CARD', silenced_stretches = '[[0, 1]]' WHERE business_id = $1`,
      [businessId],
    );
    const migration = new URL('../../packages/server/migrations/0027_audio.sql', import.meta.url);
    await server.sql.query(await readFile(migration, 'utf8'));
    server.clock.advance(700);
    await minuteJobs(withoutFfmpeg())['find-peaks']?.();
    await makeAll(withoutFfmpeg());
    expect((await peaks(id)).DurationSeconds).toBe(2.03);
    server.clock.advance(-700);
    const { rows } = await server.sql.query(
      'SELECT silenced_for, silenced_state FROM recordings WHERE business_id = $1',
      [businessId],
    );
    expect(rows).toEqual([{ silenced_for: '', silenced_state: null }]);
  });

  test('of which a decoder gave a part and was killed has no peaks, and told it no secrets', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'colloquy-decoder-'));
    const program = [
      '#!/bin/sh',
      `/usr/bin/env > ${folder}/env`,
      `/bin/cat ${join(FORMATS, 'whatstheweatherlike.wav')} | /usr/bin/head -c 20000`,
      'kill -9 $$',
    ];
    await writeFile(join(folder, 'ffmpeg'), program.join('\n'), { mode: 0o755 });
    const id = await finished(1);
    await put(id, await readFile(join(FORMATS, 'aac.m4a')), 'audio/mp4');
    const { ctx } = server.app;
    await makeAll({ ...ctx, config: { ...ctx.config, searchPath: folder } });
    await expect(peaks(id)).rejects.toMatchObject({
      status: 404,
      message: expect.stringContaining('not be decoded'),
    });
    const told = (await readFile(join(folder, 'env'), 'utf8')).split('\n');
    const names = told.map((line) => line.split('=')[0]);
    for (const name of names) expect(['PATH', 'PWD', '_', 'SHLVL', 'OLDPWD', '']).toContain(name);
    await rm(folder, { recursive: true });
  });

  test('of MP4 is skipped without ffmpeg and decoded once ffmpeg is installed', async () => {
    const id = await finished(1);
    await put(id, await readFile(join(FORMATS, 'aac.m4a')), 'audio/mp4');
    const { ctx } = server.app;
    await makeAll({ ...ctx, config: { ...ctx.config, searchPath: '/nowhere' } });
    await expect(peaks(id)).rejects.toMatchObject({
      status: 404,
      message: expect.stringContaining('ffmpeg'),
    });
    if (!hasFfmpeg) return;
    // It is there the next time.
    server.clock.advance(700);
    await minuteJobs(server.app.ctx)['find-peaks']?.();
    await makeAll();
    expect((await peaks(id)).Peaks).toHaveLength(1);
    server.clock.advance(-700);
  });
});

if (!hasFfmpeg) {
  test.skip('ffmpeg is not to be had: other formats than WAVE are not decoded here', () =>
    undefined);
}
