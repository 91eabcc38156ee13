import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { muteRecording } from '../../packages/server/src/conversations/masking/mute.ts';
import { describeRecording } from '../../packages/server/src/conversations/read/peaks.ts';
import { Fault } from '../../packages/server/src/kernel/fault.ts';
import { sweepOrphans } from '../../packages/server/src/recordings/storage/orphans.ts';
import { blobKeysOf, DAY } from '../fixtures/kept-calls.ts';
import { wavOf } from '../fixtures/wav.ts';
import { MASKED_READER, startTestServer, type TestServer } from '../servers/test-server.ts';

let server: TestServer;
let businessId: number;
let masked: TestServer['admin'];
let original: TestServer['admin'];
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(async () => {
  businessId = await server.newBusiness();
  masked = await server.newClient(businessId, MASKED_READER);
  const all = { ...MASKED_READER, 'Conversations.Unredacted': ['Retrieving' as const] };
  original = await server.newClient(businessId, all);
  await server.admin.putRedaction({ businessId, Categories: ['CARD', 'NAME'] });
});

const START = Date.parse('2026-02-28T12:00:00Z');
const at = (seconds: number) => new Date(START + seconds * 1000).toISOString();
const CARD = 'my card is 4111 1111 1111 1111 thanks';
const RATE = 8000;

const tone = (seconds: number, channels = 1): Uint8Array<ArrayBuffer> =>
  new Uint8Array(wavOf(RATE, seconds * RATE, channels, (_, at) => 0.3 + 0.25 * Math.sin(at / 5)));

interface Said {
  readonly content?: string;
  readonly second: number;
  readonly until?: number;
  readonly by?: string;
  readonly words?: readonly (readonly [string, number, number])[];
}

const message = ({ content = CARD, second, until, by = 'caller', words }: Said) => ({
  SenderId: by,
  Role: by === 'caller' ? 'User' : 'Agent',
  Content: content,
  Timestamp: at(second),
  ...(until !== undefined && { EndedAt: at(until) }),
  ...(words && { Words: words.map(([Word, StartMs, EndMs]) => ({ Word, StartMs, EndMs })) }),
});

/** A finished call of 30 s: the caller from its start, the agent joins after 2 s. */
const put = (sessionId: string, ...said: readonly Said[]) =>
  server.admin.putConversation({
    businessId,
    sessionId,
    Status: 'Completed',
    EndType: 'Normal',
    InitiationType: 'Inbound',
    StartTime: at(0),
    EndTime: at(30),
    Clients: [{ ClientId: 'caller', ClientType: 'Phone', JoinedAt: at(0) }],
    Agents: [{ AgentId: 'agent', AgentType: 'AI', JoinedAt: at(2) }],
    Messages: said.map(message),
  } as never);

const record = (
  sessionId: string,
  participantId: string,
  audio = tone(30),
  contentType = 'audio/wav',
) => server.admin.putRecording({ businessId, sessionId, participantId, audio, contentType });

async function runJobs(): Promise<void> {
  for (const blobKey of await blobKeysOf(server, businessId)) {
    await muteRecording(server.app.ctx, { businessId, blobKey });
  }
}

async function see(client: TestServer['admin'], sessionId: string) {
  const {
    Clients,
    Agents,
    Recordings = [],
  } = await client.getConversation({
    businessId,
    sessionId,
  });
  const urls = [...Clients, ...Agents].map(({ AudioUrl }) => AudioUrl);
  const mixed = Recordings.find(({ Kind }) => Kind === 'Mixed');
  return { urls, mixed: mixed?.AudioUrl ?? null, recordings: Recordings, Clients, Agents };
}

async function samplesAt(url: string | null | undefined): Promise<Int16Array> {
  const response = await fetch(String(url));
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('audio/wav');
  const bytes = await response.arrayBuffer();
  return new Int16Array(bytes.slice(44));
}

/**
 * The ranges in seconds in which the samples are zero; elsewhere they must match the tone.
 */
function silentIn(samples: Int16Array, channels = 1): [number, number][] {
  const expected = new Int16Array(
    tone(samples.length / channels / RATE, channels).buffer.slice(44),
  );
  const found: [number, number][] = [];
  for (const [index, sample] of samples.entries()) {
    if (sample !== 0) {
      if (sample !== expected[index]) throw new Error(`sample ${index} is another one`);
      continue;
    }
    const frame = Math.floor(index / channels);
    const last = found.at(-1);
    if (last && frame <= last[1] + 1) last[1] = frame;
    else found.push([frame, frame]);
  }
  return found.map(([from, to]) => [from / RATE, (to + 1) / RATE]);
}

const WORDS = [
  ...([
    ['my', 0, 200],
    ['card', 200, 500],
    ['is', 500, 700],
  ] as const),
  ...([
    ['4111', 1000, 1500],
    ['1111', 1600, 2000],
    ['1111', 2100, 2500],
  ] as const),
  ...([
    ['1111', 2600, 3000],
    ['thanks', 3500, 3900],
  ] as const),
] as const;

describe('silenced copies', () => {
  test('a copy is silent during the masked words, in the file of the speaker and the mixed one', async () => {
    await put('s', { second: 10, words: WORDS }, { second: 20, by: 'agent', content: 'thank you' });
    for (const participantId of ['caller', 'agent', '_mixed']) await record('s', participantId);
    expect(await see(masked, 's')).toMatchObject({ urls: [null, null], mixed: null });
    await runJobs();
    const { urls, mixed, recordings, Clients, Agents } = await see(masked, 's');
    const silent = [[10.85, 13.15]];
    expect(silentIn(await samplesAt(urls[0]))).toEqual(silent);
    expect(silentIn(await samplesAt(mixed))).toEqual(silent);
    // Nothing of the agent is masked, so the original is returned.
    const originals = await see(original, 's');
    expect(silentIn(await samplesAt(urls[1]))).toEqual([]);
    expect(new URL(String(urls[1])).pathname).toBe(new URL(String(originals.urls[1])).pathname);
    expect(silentIn(await samplesAt(originals.urls[0]))).toEqual([]);
    // Participants have tokens, and Bytes is the size of the copy.
    const ids = [Clients[0]?.ClientId, Agents[0]?.AgentId, null];
    expect(new Set(recordings.map(({ ParticipantId }) => ParticipantId))).toEqual(new Set(ids));
    expect(JSON.stringify(recordings)).not.toMatch(/caller|agent/);
    for (const { AudioUrl, Bytes } of recordings) {
      const { headers } = await fetch(AudioUrl, { method: 'HEAD' });
      expect(Number(headers.get('content-length'))).toBe(Bytes);
    }
    const { Items } = await masked.getConversations({ businessId });
    expect(Items[0]?.Recordings).toHaveLength(3);
    expect(await actionsOf('UnredactedRead')).toHaveLength(1);
  });

  test('a copy is silent during the whole message if the times of its words are missing', async () => {
    await put('s', { second: 5, until: 8 }, { second: 12 }, { second: 15, content: 'next' });
    await put('partly', { second: 5, until: 8, words: WORDS.slice(0, 5) });
    await put('last', { second: 25 });
    for (const id of ['s', 'partly', 'last']) await record(id, 'caller');
    await runJobs();
    const silent = async (id: string) => silentIn(await samplesAt((await see(masked, id)).urls[0]));
    expect(await silent('s')).toEqual([
      [4.85, 8.15],
      [11.85, 15.15],
    ]);
    expect(await silent('partly')).toEqual([[4.85, 8.15]]);
    expect(await silent('last')).toEqual([[24.85, 30]]);
  });

  test('a copy is silent during masked words that the content of the message omits', async () => {
    await put('s', { content: '[left out]', second: 10, words: WORDS });
    await record('s', 'caller');
    await runJobs();
    const { urls } = await see(masked, 's');
    expect(silentIn(await samplesAt(urls[0]))).toEqual([[10.85, 13.15]]);
  });

  test("a copy of a participant's file is silent for both possible beginnings of the file", async () => {
    await put('s', { second: 10, until: 11, by: 'agent' });
    await record('s', 'agent');
    await record('s', '_mixed');
    await runJobs();
    const { urls, mixed } = await see(masked, 's');
    expect(silentIn(await samplesAt(urls[1]))).toEqual([
      [7.85, 9.15],
      [9.85, 11.15],
    ]);
    expect(silentIn(await samplesAt(mixed))).toEqual([[9.85, 11.15]]);
  });

  test('a copy keeps its channels, and copies of other formats are made too', async () => {
    await put('s', { second: 10, until: 20 });
    await record('s', '_mixed', tone(30, 2));
    const folder = mkdtempSync(join(tmpdir(), 'colloquy-silenced-'));
    writeFileSync(join(folder, 'a.wav'), tone(30));
    const ogg = join(folder, 'a.ogg');
    execFileSync('ffmpeg', ['-loglevel', 'error', '-i', join(folder, 'a.wav'), ogg]);
    await record('s', 'caller', new Uint8Array(readFileSync(ogg)), 'audio/ogg');
    rmSync(folder, { recursive: true });
    await runJobs();
    const { urls, mixed } = await see(masked, 's');
    expect(silentIn(await samplesAt(mixed), 2)).toEqual([[9.85, 20.15]]);
    const samples = await samplesAt(urls[0]);
    const rate = samples.length / 30;
    const loudness = (from: number, to: number) =>
      samples.slice(from * rate, to * rate).reduce((sum, one) => sum + Math.abs(one), 0);
    expect(loudness(9.85, 20.15)).toBe(0);
    expect(loudness(0, 9.8)).toBeGreaterThan(9 * rate * 2000);
    expect(loudness(20.2, 30)).toBeGreaterThan(9 * rate * 2000);
  });

  test('a copy that fails because of a full disk or a store error is made later, and leaves no file', async () => {
    await put('s', { second: 10, until: 20 });
    await record('s', 'caller');
    const { blobs } = server.app.ctx;
    const store = blobs.put.bind(blobs);
    blobs.put = async (_key, source) => {
      // A part of it was stored.
      for await (const chunk of source) if (chunk.length > 44) break;
      throw new Fault('UNAVAILABLE', 'The disk is full.');
    };
    await expect(runJobs()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    blobs.put = store;
    const folder = process.env.TMPDIR;
    process.env.TMPDIR = '/nowhere/at/all';
    await expect(runJobs()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    if (folder === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = folder;
    expect((await see(masked, 's')).urls[0]).toBeNull();
    expect(await inStore()).toHaveLength(1);
    await runJobs();
    expect(silentIn(await samplesAt((await see(masked, 's')).urls[0]))).toEqual([[9.85, 20.15]]);
  });

  test('an AAC recording has no copy without ffmpeg and gets one once ffmpeg is installed', async () => {
    await put('s', { second: 1, until: 2 });
    const aac = readFileSync(new URL('../../samples/audio-formats/aac.m4a', import.meta.url));
    await record('s', '_mixed', new Uint8Array(aac), 'audio/mp4');
    const ctx = { ...server.app.ctx, config: { ...server.app.ctx.config, searchPath: '/nowhere' } };
    for (const blobKey of await blobKeysOf(server, businessId)) {
      await muteRecording(ctx, { businessId, blobKey });
    }
    expect(await see(masked, 's')).toMatchObject({ urls: [null, null], mixed: null });
    const folder = mkdtempSync(join(tmpdir(), 'colloquy-decoder-'));
    // Returns the same WAVE for any input.
    const wave = join(import.meta.dirname, '../../samples/audio-formats/whatstheweatherlike.wav');
    const program = `#!/bin/sh\nexec /bin/cat ${wave}\n`;
    writeFileSync(join(folder, 'ffmpeg'), program, { mode: 0o755 });
    const installed = { ...ctx, config: { ...ctx.config, searchPath: folder } };
    for (const blobKey of await blobKeysOf(server, businessId)) {
      await muteRecording(installed, { businessId, blobKey });
    }
    rmSync(folder, { recursive: true });
    expect((await see(masked, 's')).mixed).not.toBeNull();
  });
});

async function actionsOf(action: string): Promise<string[]> {
  const { Items } = await server.admin.getAudit({ businessId, Limit: 100 });
  return Items.flatMap(({ Action }) => (Action === action ? Action : []));
}

async function silencedKeys(): Promise<string[]> {
  const { rows } = await server.sql.query<{ key: string }>(
    `SELECT silenced_key AS key FROM recordings
     WHERE business_id = $1 AND silenced_key IS NOT NULL`,
    [businessId],
  );
  return rows.map(({ key }) => key);
}

async function inStore(): Promise<string[]> {
  const { blobs } = await server.app.ctx.blobs.list(businessId, null);
  return blobs.map(({ key }) => key).sort();
}

describe('outdated silenced copies', () => {
  beforeEach(async () => {
    await put('s', { second: 10, until: 12 }, { second: 20, until: 22, content: 'I am Ada' });
    await record('s', 'caller');
    await runJobs();
    expect(await silent()).toEqual([[9.85, 12.15]]);
  });
  const url = async () => (await see(masked, 's')).urls[0] ?? null;
  const silent = async () => silentIn(await samplesAt(await url()));
  const both = [
    [9.85, 12.15],
    [19.85, 22.15],
  ];

  test('a copy is outdated after a mark is added', async () => {
    const old = await url();
    const Spans = [{ MessageIndex: 1, Start: 5, End: 8, Category: 'NAME' as const }];
    await server.admin.addRedactions({ businessId, sessionId: 's', Spans });
    expect(await url()).toBeNull();
    expect((await fetch(String(old))).status).toBe(410);
    await runJobs();
    expect(await silent()).toEqual(both);
    expect(await inStore()).toEqual(
      [...(await blobKeysOf(server, businessId)), ...(await silencedKeys())].sort(),
    );
  });

  test('a copy is outdated after other categories are masked', async () => {
    await server.admin.putRedaction({ businessId, Categories: ['CARD', 'EMAIL'] });
    expect(await url()).toBeNull();
    await server.admin.putRedaction({ businessId, Categories: ['NAME', 'CARD'] });
    expect(await silent()).toEqual([[9.85, 12.15]]);
    await server.admin.putRedaction({ businessId, Categories: ['EMAIL'] });
    await runJobs();
    expect(await silent()).toEqual([]);
  });

  test('a copy is outdated after its conversation is replaced', async () => {
    await put('s', { second: 14, until: 15 });
    expect(await url()).toBeNull();
    await runJobs();
    expect(await silent()).toEqual([[13.85, 15.15]]);
  });

  test('a copy is outdated after its recording is replaced', async () => {
    await record('s', 'caller', tone(28));
    expect(await url()).toBeNull();
    await runJobs();
    expect(await silent()).toEqual([[9.85, 12.15]]);
    expect(await silencedKeys()).toHaveLength(1);
  });

  test('an outdated copy is not made again if the messages are purged', async () => {
    const rule = { Name: 'all', Match: {}, RecordingDays: null, LogDays: null, RecordDays: null };
    await server.admin.putRetention({ businessId, Rules: [{ ...rule, TranscriptDays: 0 }] });
    await server.admin.runRetention({ businessId });
    expect(await silent()).toEqual([[9.85, 12.15]]);
    await server.admin.putRedaction({ businessId, Categories: ['NAME'] });
    await runJobs();
    expect(await url()).toBeNull();
    expect(await see(original, 's')).toMatchObject({ urls: [expect.any(String), null] });
  });
});

describe('the waveform of a masked recording', () => {
  test('the waveform for a masked reader is flat during the silence of the copy, and is read by token', async () => {
    await put('s', { second: 10, until: 12 });
    await record('s', 'caller');
    const peaksOf = async (client: TestServer['admin'], participantId: string) =>
      (await client.getRecordingPeaks({ businessId, sessionId: 's', participantId })).Peaks[0] ??
      [];
    const token = (await see(masked, 's')).Clients[0]?.ClientId ?? '';
    await expect(peaksOf(masked, token)).rejects.toMatchObject({ status: 404 });
    await describeAll();
    await runJobs();
    const [all, flat] = [await peaksOf(original, 'caller'), await peaksOf(masked, token)];
    expect(flat).toHaveLength(all.length);
    const differing = all.flatMap((peak, index) => (peak === flat[index] ? [] : index));
    expect([differing[0], differing.at(-1)]).toEqual([492, 607]);
    expect(differing.every((index) => flat[index] === 0)).toBe(true);
    await expect(peaksOf(masked, 'caller')).rejects.toMatchObject({ status: 404 });
  });
});

async function describeAll() {
  for (const blobKey of await blobKeysOf(server, businessId)) {
    await describeRecording(server.app.ctx, { businessId, blobKey });
  }
}

describe('jobs and files of silenced copies', () => {
  test('jobs for copies are added by uploads, writes, marks and every minute, and only if needed', async () => {
    const jobs = async () =>
      (
        await server.sql.query(
          `SELECT count(*)::integer AS n FROM graphile_worker.jobs
           WHERE task_identifier = 'silence-recording'`,
        )
      ).rows[0].n as number;
    const clear = () => server.sql.query('DELETE FROM graphile_worker._private_jobs');
    await clear();
    await put('s', { second: 10, until: 12 });
    await record('s', 'caller');
    expect(await jobs()).toBe(1);
    await clear();
    await server.runJob('find-unsilenced');
    expect(await jobs()).toBe(1);
    await runJobs();
    await clear();
    await server.runJob('find-unsilenced');
    expect(await jobs()).toBe(0);
    const Spans = [{ MessageIndex: 0, Start: 0, End: 2, Category: 'NAME' as const }];
    await server.admin.addRedactions({ businessId, sessionId: 's', Spans });
    expect(await jobs()).toBe(1);
    await clear();
    await server.admin.putRedaction({ businessId, Categories: [] });
    await record('s', '_mixed');
    await server.runJob('find-unsilenced');
    expect(await jobs()).toBe(0);
  });

  test('copies and waveforms are not orphans, and are removed with their recordings', async () => {
    for (const id of ['a', 'b', 'c']) {
      await put(id, { second: 10, until: 12 });
      await record(id, 'caller');
    }
    await runJobs();
    await describeAll();
    expect(await inStore()).toHaveLength(9);
    const { ctx } = server.app;
    await sweepOrphans(ctx);
    server.clock.advance((Date.now() - server.clock.now()) / 1000 + 2 * DAY);
    await sweepOrphans(ctx);
    await sweepOrphans(ctx);
    expect(await inStore()).toHaveLength(9);
    const { Problems } = await server.admin.verifyRecordings({ businessId });
    expect(Problems).toEqual([]);
    await server.admin.deleteConversation({ businessId, sessionId: 'a' });
    await server.admin.putConversation({
      businessId,
      sessionId: 'b',
      Status: 'Completed',
      EndType: 'Normal',
      InitiationType: 'Inbound',
      StartTime: at(0),
      EndTime: at(30),
      Messages: [],
    } as never);
    const rule = { Name: 'all', Match: {}, TranscriptDays: null, LogDays: null, RecordDays: null };
    await server.admin.putRetention({ businessId, Rules: [{ ...rule, RecordingDays: 0 }] });
    await server.admin.runRetention({ businessId });
    expect(await inStore()).toEqual([]);
  });
});
