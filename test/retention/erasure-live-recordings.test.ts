import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { minuteJobs, namedJobs } from '../../packages/server/src/rooms.ts';
import { callActions, silence, whereIs } from '../fixtures/kept-calls.ts';
import { startTestServer, type TestServer } from '../servers/test-server.ts';

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
const { read, record } = callActions(() => ({ server, businessId }));

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

async function erase(PhoneNumber: string) {
  const { ErasureId: erasureId } = await server.admin.createErasure({
    ...{ businessId, PhoneNumber, Mode: 'Erase', Reason: 'asked', IncludeMentions: true },
  });
  await namedJobs(server.app.ctx)['erase-person']?.({ businessId, erasureId });
}

const run = (job: string) => minuteJobs(server.app.ctx)[job]?.();

async function makePeaks() {
  const { rows } = await server.sql.query<{ blobKey: string }>(
    'SELECT blob_key AS "blobKey" FROM recordings WHERE business_id = $1',
    [businessId],
  );
  for (const { blobKey } of rows) {
    await namedJobs(server.app.ctx)['make-peaks']?.({ businessId, blobKey });
  }
}

const peaks = (participantId: string, client = server.admin) =>
  client.getRecordingPeaks({ businessId, sessionId, participantId });

describe('a recording of a live conversation whose participant got another id by an erasure', () => {
  test('is stored and replaced under the new id if the upload gives the earlier one', async () => {
    await startCall();
    await erase(AGENT);
    await record(sessionId, AGENT);
    await record(sessionId, AGENT, 2);
    const { Recordings } = await read(sessionId);
    expect(Recordings).toMatchObject([{ ParticipantId: 'erased', DurationSeconds: 2 }]);
    expect(await whereIs(server, businessId, AGENT.slice(1))).toEqual([]);
  });

  test('has the peaks and the bytes that were uploaded before the erasure', async () => {
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

  test('follows the token that a masked key knows from before the erasure', async () => {
    await server.admin.putRedaction({ businessId, Categories: ['PHONE'], DefaultCountry: null });
    const permissions = { 'Conversations.ConversationPermissions': ['Full' as const] };
    const masked = server.client(await server.newKey(businessId, permissions));
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

  test('is refused under the earlier id once the conversation is sealed', async () => {
    await startCall();
    await erase(AGENT);
    await append('SessionEnded', { EndType: 'Normal' });
    await record(sessionId, AGENT);
    server.clock.advance(3_600_000);
    await run('seal-ended');
    await expect(record(sessionId, AGENT, 2)).rejects.toMatchObject({ status: 404 });
    await record(sessionId, 'erased', 2);
    expect((await read(sessionId)).Recordings).toMatchObject([{ DurationSeconds: 2 }]);
  });
});

/** Uploads a recording of AGENT, does `between` when the server has a part of it, and sends the rest. */
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

/** The names of all files of the store of recordings. */
async function storedFiles(): Promise<string[]> {
  const folder = join(dataDir, 'recordings');
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}

describe('an upload that an erasure overtakes', () => {
  test('is stored under the new id', async () => {
    await startCall();
    expect(await uploadAround(() => erase(AGENT))).toBe('stored');
    const { Recordings } = await read(sessionId);
    expect(Recordings).toMatchObject([{ ParticipantId: 'erased', DurationSeconds: 1 }]);
    expect(await whereIs(server, businessId, AGENT.slice(1))).toEqual([]);
  });

  test('is refused, and leaves no bytes, if the conversation itself was erased', async () => {
    await startCall();
    await append('ClientJoined', { ClientId: 'd', ClientType: 'Phone', PhoneNumber: AGENT });
    await append('SessionEnded', { EndType: 'Normal' });
    server.clock.advance(3_600_000);
    await run('seal-ended');
    const before = await storedFiles();
    expect(await uploadAround(() => erase(AGENT))).toMatchObject({ status: 410 });
    expect((await storedFiles()).sort()).toEqual(before.sort());
    await expect(read(sessionId)).rejects.toMatchObject({ status: 410 });
  });
});
