import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { blobKeysOf, callActions, silence, tablesContaining } from '../fixtures/kept-calls.ts';
import { MASKED_READER, startTestServer, type TestServer } from '../servers/test-server.ts';

let server: TestServer;
let businessId: number;
let dataDir: string;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'colloquy-uploads-'));
  server = await startTestServer({ dataDir });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await rm(dataDir, { recursive: true });
});
beforeEach(async () => {
  businessId = await server.newBusiness();
});
const { read, record, ...actions } = callActions(() => ({ server, businessId }));

const AGENT = '+493023125060';
const OTHER = '+493023125061';
const T = '2026-01-01T00:00:00Z';
const sessionId = 'live';

async function append(Type: string, more: object = {}) {
  const Events = [{ EventId: randomUUID(), Type, Timestamp: T, ...more }];
  await server.admin.appendConversationEvents({ businessId, sessionId, Events } as never);
}

async function startCall() {
  await append('SessionStarted', { InitiationType: 'Inbound' });
  await append('ClientJoined', { ClientId: 'c', ClientType: 'Phone' });
  for (const AgentId of [AGENT, OTHER])
    await append('AgentJoined', { AgentId, AgentType: 'Human' });
}

async function erase(PhoneNumber: string): Promise<void> {
  await actions.erase({ PhoneNumber, IncludeMentions: true });
}

async function makePeaks() {
  for (const blobKey of await blobKeysOf(server, businessId)) {
    await server.runJob('make-peaks', { businessId, blobKey });
  }
}

const peaks = (participantId: string, client = server.admin) =>
  client.getRecordingPeaks({ businessId, sessionId, participantId });

describe('recordings of a live participant whose id an erasure replaced', () => {
  test('an upload under the earlier participant id is stored under the new one', async () => {
    await startCall();
    await erase(AGENT);
    await record(sessionId, AGENT);
    await record(sessionId, AGENT, 2);
    const { Recordings } = await read(sessionId);
    expect(Recordings).toMatchObject([{ ParticipantId: 'erased', DurationSeconds: 2 }]);
    expect(await tablesContaining(server, businessId, AGENT.slice(1))).toEqual([]);
  });

  test('peaks and bytes uploaded before an erasure are kept under the new participant id', async () => {
    await startCall();
    await record(sessionId, AGENT);
    await record(sessionId, OTHER, 2);
    await makePeaks();
    await erase(AGENT);
    await erase(OTHER);
    expect((await peaks(AGENT)).DurationSeconds).toBe(1);
    expect((await peaks(OTHER)).DurationSeconds).toBe(2);
    expect((await peaks('erased')).DurationSeconds).toBe(1);
    await expect(peaks('+493023125062')).rejects.toMatchObject({ status: 404 });
    const { Recordings } = await read(sessionId);
    expect(Recordings?.map(({ ParticipantId }) => ParticipantId)).toEqual(['erased', 'erased_2']);
    const urls = Recordings?.map(({ AudioUrl }) => AudioUrl) ?? [];
    const sizes = urls.map(async (url) => (await (await fetch(url)).arrayBuffer()).byteLength);
    expect(await Promise.all(sizes)).toEqual([silence(1).length, silence(2).length]);
  });

  test('a masked key can use the token of a participant from before the erasure', async () => {
    await server.admin.putRedaction({ businessId, Categories: ['PHONE'], DefaultCountry: null });
    const masked = await server.newClient(businessId, MASKED_READER);
    await startCall();
    const { Agents } = await masked.getConversation({ businessId, sessionId });
    const token = Agents[0]?.AgentId ?? '';
    await erase(AGENT);
    const audio = silence(1);
    await masked.putRecording({
      ...{ businessId, sessionId, participantId: token, audio, contentType: 'audio/wav' },
    } as never);
    const Events = [
      ...[{ EventId: '1', Type: 'MessageAdded', Timestamp: T, SenderId: token, Role: 'Agent' }],
    ].map((event) => ({ ...event, Content: 'hello' }));
    await masked.appendConversationEvents({ businessId, sessionId, Events } as never);
    const { Recordings, Messages } = await read(sessionId);
    expect(Recordings).toMatchObject([{ ParticipantId: 'erased' }]);
    expect(Messages).toMatchObject([{ SenderId: 'erased' }]);
    await expect(peaks('erased', masked)).rejects.toMatchObject({ status: 404 });
  });

  test('an upload under the earlier participant id is refused once the conversation is sealed', async () => {
    await startCall();
    await erase(AGENT);
    await append('SessionEnded', { EndType: 'Normal' });
    await record(sessionId, AGENT);
    server.clock.advance(3_600_000);
    await server.runJob('seal-ended');
    await expect(record(sessionId, AGENT, 2)).rejects.toMatchObject({ status: 404 });
    await record(sessionId, 'erased', 2);
    expect((await read(sessionId)).Recordings).toMatchObject([{ DurationSeconds: 2 }]);
  });
});

/** Uploads a recording of AGENT, and runs `between` after the server has received a part of it. */
async function uploadAround(between: () => Promise<void>): Promise<unknown> {
  const file = silence(1);
  const before = (await storedFiles()).length;
  const rest = Promise.withResolvers<void>();
  async function* pieces() {
    yield file.subarray(0, 1000);
    await rest.promise;
    yield file.subarray(1000);
  }
  const upload = server.admin
    .putRecording({
      ...{ businessId, sessionId, participantId: AGENT, contentType: 'audio/wav' },
      audio: Readable.toWeb(Readable.from(pieces())),
    } as never)
    .then(
      () => 'stored',
      (error: unknown) => error,
    );
  await expect.poll(async () => (await storedFiles()).length).toBe(before + 1);
  await between();
  rest.resolve();
  return upload;
}

async function storedFiles(): Promise<string[]> {
  const folder = join(dataDir, 'recordings');
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}

describe('uploads during an erasure', () => {
  test('an upload during an erasure of its participant is stored under the new id', async () => {
    await startCall();
    expect(await uploadAround(() => erase(AGENT))).toBe('stored');
    const { Recordings } = await read(sessionId);
    expect(Recordings).toMatchObject([{ ParticipantId: 'erased', DurationSeconds: 1 }]);
    expect(await tablesContaining(server, businessId, AGENT.slice(1))).toEqual([]);
  });

  test('an upload during the erasure of its conversation is refused and leaves no bytes', async () => {
    await startCall();
    await append('ClientJoined', { ClientId: 'd', ClientType: 'Phone', PhoneNumber: AGENT });
    await append('SessionEnded', { EndType: 'Normal' });
    server.clock.advance(3_600_000);
    await server.runJob('seal-ended');
    const before = await storedFiles();
    expect(await uploadAround(() => erase(AGENT))).toMatchObject({ status: 410 });
    expect((await storedFiles()).sort()).toEqual(before.sort());
    await expect(read(sessionId)).rejects.toMatchObject({ status: 410 });
  });
});
