import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { wavSamples } from '../../packages/server/src/recordings/audio/containers/wav-samples.ts';
import { peaksOf } from '../../packages/server/src/recordings/audio/decoding/peaks.ts';
import { UndecodableError } from '../../packages/server/src/recordings/audio/undecodable.ts';
import { minuteJobs, namedJobs } from '../../packages/server/src/rooms.ts';
import { blobKeysOf, callActions } from '../fixtures/kept-calls.ts';
import { readSample, wavOf } from '../fixtures/wav.ts';
import { hasFfmpeg } from '../servers/ffmpeg.ts';
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
  test('a peak is the sample farthest from zero of its channel', async () => {
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

  test('a truncated file has the peaks of its remaining samples', async () => {
    const file = wave(1_600, 1, () => 0.5).subarray(0, 44 + 1_001);
    const { channels, durationSeconds } = await peaksIn(file);
    expect(durationSeconds).toBe(0.063);
    expect(channels).toEqual([[0.5, 0.5, 0.5, 0.5]]);
  });

  test('long audio has fewer peaks per second', async () => {
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
  ])('a file of %s is undecodable', async (_, bytes) => {
    await expect(peaksIn(bytes)).rejects.toBeInstanceOf(UndecodableError);
  });

  test('peaks of mu-law audio are those of the original', async () => {
    const [plain, muLaw] = await Promise.all(
      ['whatstheweatherlike.wav', 'whatstheweatherlike-mulaw.wav'].map(async (name) =>
        peaksIn(readSample(name)),
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

/** Runs the jobs that uploads have added, as the worker does. */
async function runPeakJobs(ctx = server.app.ctx): Promise<void> {
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
describe('peaks of a recording', () => {
  test('peaks are made after an upload and removed with the recording', async () => {
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
    await runPeakJobs();
    const first = { DurationSeconds: 0.2, PeaksPerSecond: 50, Peaks: [Array(10).fill(0.5)] };
    expect(await peaks(id)).toEqual(first);
    expect(await blobs()).toBe(2);
    await put(
      id,
      wave(1_600, 1, () => -0.5),
    );
    expect(await blobs()).toBe(1);
    await runPeakJobs();
    expect((await peaks(id)).Peaks).toEqual([Array(10).fill(-0.5)]);
    await server.admin.deleteConversation({ businessId, sessionId: id });
    expect(await blobs()).toBe(0);
    await expect(peaks(id)).rejects.toMatchObject({ status: 410 });
  });

  test('a recording that is replaced or erased while it is decoded keeps no peaks', async () => {
    const id = await finished(1);
    await put(
      id,
      wave(1_600, 1, () => 0.5),
    );
    const [blobKey] = await blobKeysOf(server, businessId);
    const payload = {
      businessId,
      conversationId: id,
      participantId: 'client',
      blobKey,
    };
    const { blobs: store } = server.app.ctx;
    // Just before the peaks are written.
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
    await runPeakJobs();
    expect((await peaks(id)).Peaks).toEqual([Array(5).fill(1)]);
    expect(await blobs()).toBe(2);
    const erase = () => server.admin.deleteConversation({ businessId, sessionId: id });
    await put(
      id,
      wave(1_600, 1, () => 0.1),
    );
    const [laterKey] = await blobKeysOf(server, businessId);
    await namedJobs(during(erase))['make-peaks']?.({ ...payload, blobKey: laterKey });
    expect(await blobs()).toBe(0);
    const left = await server.sql.query('SELECT FROM unclaimed_blobs WHERE business_id = $1', [
      businessId,
    ]);
    expect(left.rowCount).toBe(0);
  });

  test('a recording without peaks is found by the minute job', async () => {
    const id = await finished(1);
    await put(
      id,
      wave(1_600, 1, () => 0.5),
    );
    await server.sql.query('DELETE FROM graphile_worker._private_jobs');
    await server.runJob('find-peaks');
    await runPeakJobs();
    await expect(peaks(id)).rejects.toMatchObject({ status: 404 });
    server.clock.advance(700);
    await server.runJob('find-peaks');
    await runPeakJobs();
    expect((await peaks(id)).DurationSeconds).toBe(0.2);
    server.clock.advance(-700);
  });

  test('a file that is not audio is decoded once and marked undecodable', async () => {
    const id = await finished(1);
    await put(id, Buffer.alloc(3_000, 'noise'));
    await runPeakJobs();
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
  ])('%s is decoded, with ffmpeg if needed', async (name, contentType) => {
    const id = await finished(1);
    await put(id, readSample(name), contentType);
    await runPeakJobs();
    const { DurationSeconds, Peaks, PeaksPerSecond } = await peaks(id);
    const [recording] = (await read(id)).Recordings ?? [];
    expect(recording?.DurationSeconds).not.toBeNull();
    expect(Math.abs(DurationSeconds - (recording?.DurationSeconds ?? 0))).toBeLessThan(0.2);
    expect(Peaks[0]?.length).toBe(Math.ceil(DurationSeconds * PeaksPerSecond));
    // Speech has loud and quiet parts.
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
    await put(id, readSample(name), contentType);
    await runPeakJobs(withoutFfmpeg());
    expect((await peaks(id)).DurationSeconds).toBeCloseTo(2.03, 1);
  });

  test('a format that needs ffmpeg is logged once', async () => {
    const lines: string[] = [];
    const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) });
    const aac = readSample('aac.m4a');
    for (let count = 0; count < 3; count += 1) await put(await finished(1), aac, 'audio/mp4');
    await runPeakJobs({ ...withoutFfmpeg(), log });
    expect(lines.map((line) => JSON.parse(line).msg)).toEqual([
      'skipped the waveform: decoding this format needs ffmpeg',
    ]);
  });

  test('a recording that was skipped without ffmpeg is decoded after the upgrade', async () => {
    const id = await finished(1);
    await put(id, readSample('opus.ogg'), 'audio/ogg');
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
    await runPeakJobs(withoutFfmpeg());
    expect((await peaks(id)).DurationSeconds).toBe(2.03);
    server.clock.advance(-700);
    const { rows } = await server.sql.query(
      'SELECT silenced_for, silenced_state FROM recordings WHERE business_id = $1',
      [businessId],
    );
    expect(rows).toEqual([{ silenced_for: '', silenced_state: null }]);
  });

  test('a recording has no peaks if its decoder is killed, and the decoder gets no secrets in its environment', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'colloquy-decoder-'));
    const program = [
      '#!/bin/sh',
      `/usr/bin/env > ${folder}/env`,
      `/bin/cat ${join(FORMATS, 'whatstheweatherlike.wav')} | /usr/bin/head -c 20000`,
      'kill -9 $$',
    ];
    await writeFile(join(folder, 'ffmpeg'), program.join('\n'), { mode: 0o755 });
    const id = await finished(1);
    await put(id, readSample('aac.m4a'), 'audio/mp4');
    const { ctx } = server.app;
    await runPeakJobs({ ...ctx, config: { ...ctx.config, searchPath: folder } });
    await expect(peaks(id)).rejects.toMatchObject({
      status: 404,
      message: expect.stringContaining('not be decoded'),
    });
    const environment = (await readFile(join(folder, 'env'), 'utf8')).split('\n');
    const names = environment.map((line) => line.split('=')[0]);
    for (const name of names) expect(['PATH', 'PWD', '_', 'SHLVL', 'OLDPWD', '']).toContain(name);
    await rm(folder, { recursive: true });
  });

  test('an MP4 recording is skipped without ffmpeg and decoded once ffmpeg is installed', async () => {
    const id = await finished(1);
    await put(id, readSample('aac.m4a'), 'audio/mp4');
    const { ctx } = server.app;
    await runPeakJobs({ ...ctx, config: { ...ctx.config, searchPath: '/nowhere' } });
    await expect(peaks(id)).rejects.toMatchObject({
      status: 404,
      message: expect.stringContaining('ffmpeg'),
    });
    if (!hasFfmpeg) return;
    server.clock.advance(700);
    await server.runJob('find-peaks');
    await runPeakJobs();
    expect((await peaks(id)).Peaks).toHaveLength(1);
    server.clock.advance(-700);
  });
});

if (!hasFfmpeg) {
  test.skip('skipped formats other than WAVE: ffmpeg is not installed', () => undefined);
}
