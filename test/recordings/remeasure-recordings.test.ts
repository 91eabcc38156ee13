import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemScope } from '../../packages/server/src/access/authorization/scope.ts';
import { muteRecording } from '../../packages/server/src/conversations/masking/mute.ts';
import { describeRecording } from '../../packages/server/src/conversations/read/peaks.ts';
import { sweepUnclaimedBlobs } from '../../packages/server/src/recordings/storage/sweep.ts';
import {
  byName,
  expectAgreement,
  type LengthsTestServer,
  lengthsOf,
  readLengths,
  samples,
  startLengthsTestServer,
} from '../fixtures/recording-lengths.ts';

let lengthsServer: LengthsTestServer;
beforeEach(async () => {
  lengthsServer = await startLengthsTestServer();
});
afterEach(() => lengthsServer[Symbol.asyncDispose]());

interface Row {
  readonly blob_key: string;
  readonly peaks_key: string | null;
  readonly silenced_key: string | null;
}
async function rowOf(): Promise<Row> {
  const { server, businessId } = lengthsServer;
  const { rows } = await server.sql.query<Row>(
    'SELECT blob_key, peaks_key, silenced_key FROM recordings WHERE business_id = $1',
    [businessId],
  );
  const [row] = rows;
  if (!row) throw new Error('no recording');
  return row;
}

/** Stores the length of an earlier release in the recording and its conversation. */
async function storeEarlier(durationMs: number | null, assignments = ''): Promise<void> {
  const { server, businessId } = lengthsServer;
  await server.sql.query(
    `UPDATE recordings SET duration_ms = $2 ${assignments} WHERE business_id = $1`,
    [businessId, durationMs],
  );
  await server.sql.query(
    `UPDATE conversations SET recordings = regexp_replace(recordings, '"durationSeconds":[0-9.]+',
       '"durationSeconds":' || $2::text) WHERE business_id = $1`,
    [businessId, durationMs === null ? 'null' : String(durationMs / 1000)],
  );
}

const put = (name: string, contentType: string) =>
  lengthsOf(lengthsServer, { name, bytes: byName(name), contentType });
const run = () => lengthsServer.server.app.backfills.run();

async function runJobs(): Promise<void> {
  const { server, businessId } = lengthsServer;
  const { blob_key: blobKey } = await rowOf();
  await describeRecording(server.app.ctx, { businessId, blobKey });
  await muteRecording(server.app.ctx, { businessId, blobKey });
  await sweepUnclaimedBlobs(server.app.ctx, systemScope(businessId));
}

describe('a recording that an earlier release measured incorrectly', () => {
  test('a recording with a wrong length gets the length of its peaks and a new silenced copy', async () => {
    await put('joined-late.ogg', 'audio/ogg');
    const before = await rowOf();
    await storeEarlier(20_000);
    expect(await readLengths(lengthsServer)).toMatchObject({ shown: 20, peaks: 5 });

    expect(await run()).toBe(true);

    expect(await readLengths(lengthsServer)).toMatchObject({ shown: 5, peaks: 5, copy: null });
    await runJobs();
    const after = await rowOf();
    expect(after.peaks_key).toBe(before.peaks_key);
    expect(after.silenced_key).not.toBe(before.silenced_key);
    const lengths = await readLengths(lengthsServer);
    expect(lengths.copy).not.toBeNull();
    expectAgreement(lengths);
    const { server, businessId } = lengthsServer;
    expect(await server.app.ctx.blobs.size(String(before.silenced_key))).toBeNull();
    const { Items } = await server.admin.getBackfills({ businessId });
    expect(Items.find(({ Name }) => Name === 'measure-recordings')).toMatchObject({
      ...{ Status: 'Finished', RowsDone: 1, RowsEstimated: 1 },
    });
  });

  test.each([
    ['of the wrong length', { DurationSeconds: 3.021, PeaksPerSecond: 50, Peaks: [[0]] }],
    ['damaged', null],
  ])('a recording with a wrong length gets new peaks if its peaks are %s', async (_, stored) => {
    await put('two-files.webm', 'audio/webm');
    const { ctx } = lengthsServer.server.app;
    const before = await rowOf();
    await storeEarlier(3_021);
    const wrong = stored ? JSON.stringify(stored) : '{"DurationSec';
    await ctx.blobs.remove(String(before.peaks_key));
    await ctx.blobs.put(String(before.peaks_key), one(wrong));

    expect(await run()).toBe(true);

    const made = await readLengths(lengthsServer);
    expect(made.peaks).toBeNull();
    expect(made.shown).toBeCloseTo(5.04, 1);
    await runJobs();
    expect((await rowOf()).peaks_key).not.toBe(before.peaks_key);
    const lengths = await readLengths(lengthsServer);
    expect(lengths.peaks).toBeCloseTo(5.03, 1);
    expectAgreement(lengths);
    expect(await ctx.blobs.size(String(before.peaks_key))).toBeNull();
  });

  test.each([null, 20_000])(
    'a recording stored with %s ms and without peaks gets the measured length',
    async (stored) => {
      await put('rf64.wav', 'audio/wav');
      await storeEarlier(stored, `, peaks_key = NULL, peaks_state = 'Undecodable'`);
      expect(await run()).toBe(true);
      expect(await readLengths(lengthsServer)).toMatchObject({ shown: 3, peaks: null });
      await runJobs();
      const lengths = await readLengths(lengthsServer);
      expect(lengths).toMatchObject({ shown: 3, peaks: 3 });
      expectAgreement(lengths);
    },
  );
});

describe('the backfill of lengths', () => {
  test('the backfill of lengths leaves a correctly measured recording unchanged', async () => {
    await put('opus.ogg', 'audio/ogg');
    const before = await rowOf();
    const lengths = await readLengths(lengthsServer);
    expect(await run()).toBe(true);
    expect(await rowOf()).toEqual(before);
    expect(await readLengths(lengthsServer)).toEqual(lengths);
  });

  test('the backfill of lengths leaves a recording unchanged if its blob is missing', async () => {
    await put('opus.ogg', 'audio/ogg');
    const { blob_key } = await rowOf();
    await storeEarlier(20_000);
    await lengthsServer.server.app.ctx.blobs.remove(blob_key);
    expect(await run()).toBe(true);
    expect((await readLengths(lengthsServer)).shown).toBe(20);
  });
});

/** Resets only this backfill, so it visits the recordings again. */
async function runPauses(): Promise<void> {
  await run();
  await lengthsServer.server.sql.query(
    `UPDATE backfills SET position = NULL, finished_at = NULL WHERE name = 'keep-pauses-of-recordings'`,
  );
  expect(await run()).toBe(true);
}

/** Stores peaks as of an earlier release, which are shorter by `seconds`. */
async function storeShorterPeaks(seconds: number): Promise<void> {
  const { ctx } = lengthsServer.server.app;
  const { peaks } = await readLengths(lengthsServer);
  const { peaks_key } = await rowOf();
  const DurationSeconds = (peaks ?? 0) - seconds;
  await ctx.blobs.remove(String(peaks_key));
  const stored = { DurationSeconds, PeaksPerSecond: 50, Peaks: [[0]] };
  await ctx.blobs.put(String(peaks_key), one(JSON.stringify(stored)));
  await storeEarlier(Math.round(DurationSeconds * 1000));
}

describe('a recording decoded without its pauses by an earlier release', () => {
  test.each([
    ['muted.m4a', 'audio/mp4'],
    ['muted-fragmented.m4a', 'audio/mp4'],
    ['muted-vorbis.ogg', 'audio/ogg'],
    ['muted-vorbis.webm', 'audio/webm'],
  ])(
    'a recording decoded without its pauses gets new peaks and a new silenced copy (%s)',
    async (name, contentType) => {
      await put(name, contentType);
      const right = await readLengths(lengthsServer);
      const before = await rowOf();
      await run();
      // Shorter by less than the tolerance of the first measurement.
      await storeShorterPeaks(0.15);
      await runPauses();
      expect(await readLengths(lengthsServer)).toMatchObject({ peaks: null, copy: null });
      await runJobs();
      const after = await rowOf();
      expect(after.peaks_key).not.toBe(before.peaks_key);
      expect(after.silenced_key).not.toBe(before.silenced_key);
      expect(await readLengths(lengthsServer)).toEqual(right);
      expectAgreement(right);
    },
  );

  test('a recording keeps peaks and copy if its format was always decoded with pauses', async () => {
    await put('whatstheweatherlike.mp3', 'audio/mpeg');
    await run();
    await storeShorterPeaks(2);
    const before = await rowOf();
    await runPauses();
    expect(await rowOf()).toEqual(before);
  });
});

test('the backfill of pauses leaves recordings unchanged that were decoded with pauses', async () => {
  const { server, businessId } = lengthsServer;
  const types = ['audio/mp4', 'audio/ogg', 'audio/webm'];
  const paused = samples.filter(({ contentType }) => types.includes(contentType));
  const JoinedAt = '2026-02-28T12:00:00Z';
  await server.admin.putConversation({
    ...{ businessId, sessionId: 'many', Status: 'Completed', EndType: 'Normal' },
    ...{ InitiationType: 'Inbound', StartTime: JoinedAt, EndTime: JoinedAt },
    Clients: paused.map(({ name }) => ({ ClientId: name, ClientType: 'Phone', JoinedAt })),
  });
  for (const { name: participantId, bytes, contentType } of paused) {
    const audio = new Uint8Array(bytes);
    await server.admin.putRecording({
      ...{ businessId, sessionId: 'many', participantId, audio },
      contentType: contentType as 'audio/ogg',
    });
  }
  const rows = async () =>
    (
      await server.sql.query<Row>(
        `SELECT participant_id, blob_key, duration_ms, peaks_key, peaks_state FROM recordings
         WHERE business_id = $1 ORDER BY 1`,
        [businessId],
      )
    ).rows;
  for (const { blob_key: blobKey } of await rows()) {
    await describeRecording(server.app.ctx, { businessId, blobKey });
  }
  const before = await rows();
  await runPauses();
  expect(await rows()).toEqual(before);
});

async function* one(text: string) {
  yield Buffer.from(text);
}
