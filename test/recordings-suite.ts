import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemScope } from '../packages/server/src/access/scope.ts';
import { sweepUnclaimedBlobs } from '../packages/server/src/recordings/sweep.ts';
import { bucketContents, folderContents, s3Config } from './blob-stores.ts';
import { type House, openHouse } from './house.ts';
import { until } from './server-process.ts';
import { openSwift } from './swift.ts';

/** A house, and where its recordings lie. */
export interface RecordingHouse extends AsyncDisposable {
  readonly house: House;
  /** All that lies in the store by whatever name; what is being uploaded may be among it. */
  contents(): Promise<string[]>;
  /** What a URL answers whose recording was erased or replaced. */
  readonly gone: 404 | 410;
}

export async function openHouseOnDisk(): Promise<RecordingHouse> {
  const house = await openHouse();
  return {
    house,
    contents: () => folderContents(join(house.app.ctx.config.dataDir, 'recordings')),
    gone: 410,
    [Symbol.asyncDispose]: () => house[Symbol.asyncDispose](),
  };
}

/** With an S3 server of its own, and a bucket that keeps versions. */
export async function openHouseWithBucket(): Promise<RecordingHouse> {
  const closing = new AsyncDisposableStack();
  const swift = closing.use(await openSwift());
  const bucket = await swift.newBucket('versioned');
  const house = closing.use(await openHouse({ s3: s3Config(swift, bucket) }));
  setToReality(house);
  return {
    house,
    contents: () => bucketContents(swift, bucket),
    gone: 404,
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}

/** Stores have clocks of their own. */
export function setToReality(house: House): void {
  house.clock.advance((Date.now() - house.clock.now()) / 1000);
}

/** What recordings do over the API, wherever they lie. */
export function describeRecordings(open: () => Promise<RecordingHouse>): void {
  let opened: RecordingHouse;
  let house: House;
  let businessId: number;
  let wav: Buffer;
  let sessions = 0;
  beforeAll(async () => {
    opened = await open();
    house = opened.house;
    businessId = await house.newBusiness();
    wav = await readWav();
  });
  afterAll(() => opened[Symbol.asyncDispose]());
  const contents = () => opened.contents();

  const newConversation = (live = false) => {
    sessions += 1;
    return putConversation(house, businessId, `s${sessions}`, live);
  };
  const upload = (sessionId: string, participantId: string, audio = wav, client = house.admin) =>
    client.putRecording({
      businessId,
      sessionId,
      participantId,
      audio: new Uint8Array(audio),
      contentType: 'audio/wav',
    });
  const read = (sessionId: string) => house.admin.getConversation({ businessId, sessionId });
  const urlOf = async (sessionId: string) => (await read(sessionId)).Clients[0]?.AudioUrl ?? '';
  const refused = (work: Promise<unknown>, reason: string) =>
    expect(work).rejects.toMatchObject({ reason });

  describe('PutRecording', () => {
    it('keeps the bytes and gives them back at a pre-signed URL', async () => {
      for (const live of [false, true]) {
        const id = await newConversation(live);
        const put = await upload(id, 'c');
        expect(put).toEqual({
          ParticipantId: 'c',
          ContentType: 'audio/wav',
          Bytes: wav.length,
          Sha256: createHash('sha256').update(wav).digest('hex'),
          DurationSeconds: expect.any(Number),
        });
        const conversation = await read(id);
        expect(conversation.Agents[0]?.AudioUrl).toBeNull();
        expect(conversation.Recordings).toEqual([
          {
            ParticipantId: 'c',
            Kind: 'Participant',
            ContentType: 'audio/wav',
            Bytes: wav.length,
            DurationSeconds: put.DurationSeconds,
            AudioUrl: conversation.Clients[0]?.AudioUrl,
          },
        ]);
        const list = await house.admin.getConversations({ businessId, Limit: 100 });
        expect(list.Items.find(({ Id }) => Id === id)?.Recordings).toHaveLength(1);
        const response = await fetch(conversation.Clients[0]?.AudioUrl ?? '');
        expect(response.status).toBe(200);
        expect(response.headers.get('content-type')).toBe('audio/wav');
        expect(response.headers.get('content-length')).toBe(String(wav.length));
        expect(Buffer.from(await response.arrayBuffer()).equals(wav)).toBe(true);
      }
    });

    it('answers ranges', async () => {
      const id = await newConversation();
      await upload(id, 'c');
      const url = await urlOf(id);
      const part = await fetch(url, { headers: { Range: 'bytes=10-19' } });
      expect(part.status).toBe(206);
      expect(part.headers.get('content-range')).toBe(`bytes 10-19/${wav.length}`);
      expect(Buffer.from(await part.arrayBuffer()).equals(wav.subarray(10, 20))).toBe(true);
      const tail = await fetch(url, { headers: { Range: 'bytes=-5' } });
      expect(Buffer.from(await tail.arrayBuffer()).equals(wav.subarray(-5))).toBe(true);
      const beyond = await fetch(url, { headers: { Range: `bytes=${wav.length}-` } });
      expect(beyond.status).toBe(416);
    });

    it('replaces as one step, and lets go of what was there', async () => {
      const id = await newConversation();
      await upload(id, 'c');
      const before = await urlOf(id);
      const count = (await contents()).length;
      const permissions = { 'Conversations.ConversationPermissions': ['Adding' as const] };
      const adder = house.client(await house.newKey(businessId, permissions));
      const other = Buffer.concat([wav, Buffer.from([0, 0])]);
      await refused(upload(id, 'c', other, adder), 'CONFLICT');
      expect(await upload(id, 'c', wav, adder)).toMatchObject({ Bytes: wav.length });
      await upload(id, 'a', wav, adder);
      await upload(id, 'c', other);
      expect((await fetch(before)).status).toBe(opened.gone);
      const now = await fetch(await urlOf(id));
      expect(now.headers.get('content-length')).toBe(String(other.length));
      expect((await contents()).length).toBe(count + 1);
    });

    it('knows its participants, and everybody as _mixed', async () => {
      const id = await newConversation();
      await refused(upload(id, 'nobody'), 'NOT_FOUND');
      await refused(upload('unknown', 'c'), 'NOT_FOUND');
      expect(await upload(id, '_mixed')).toMatchObject({ ParticipantId: '_mixed' });
      const [recording] = (await read(id)).Recordings ?? [];
      expect(recording).toMatchObject({ ParticipantId: null, Kind: 'Mixed' });
      expect((await fetch(recording?.AudioUrl ?? '')).status).toBe(200);
    });

    it('goes with the participants that a replacement leaves out, and with the conversation', async () => {
      const id = await newConversation();
      await upload(id, 'c');
      await upload(id, 'a');
      const count = (await contents()).length;
      const { Recordings: _r, ...conversation } = await read(id);
      await house.admin.putConversation({ businessId, sessionId: id, ...conversation, Agents: [] });
      expect((await read(id)).Recordings).toHaveLength(1);
      expect((await contents()).length).toBe(count - 1);
      const url = await urlOf(id);
      await house.admin.deleteConversation({ businessId, sessionId: id });
      expect((await fetch(url)).status).toBe(opened.gone);
      expect((await contents()).length).toBe(count - 2);
    });

    it('takes audio alone', async () => {
      const id = await newConversation();
      const send = (contentType: string, audio: Uint8Array<ArrayBuffer>) =>
        house.admin.putRecording({
          businessId,
          sessionId: id,
          participantId: 'c',
          audio,
          contentType,
        });
      await refused(send('application/json', new Uint8Array(4)), 'UNSUPPORTED_MEDIA_TYPE');
      await refused(send('audio/wav', new Uint8Array(0)), 'INVALID_REQUEST');
      const noise = await send('audio/mpeg; x=y', new Uint8Array(100));
      expect(noise).toMatchObject({ ContentType: 'audio/mpeg', DurationSeconds: null });
    });

    it('leaves nothing of a body that is cut off', async () => {
      const id = await newConversation();
      const files = await contents();
      await new Promise<void>((resolve, reject) => {
        const url = new URL(
          `${house.url}/api/v1/business/${businessId}/conversations/${id}/recordings/c`,
        );
        const sending = httpRequest(url, {
          method: 'PUT',
          headers: {
            Authorization: 'Token test-bootstrap-key-0123456789abcdef',
            'Content-Type': 'audio/wav',
            'Content-Length': 10_000_000,
          },
        });
        sending.on('error', () => resolve());
        sending.write(Buffer.alloc(500_000));
        // Cut off when the server has begun to store it.
        const begun = async () => {
          const { rowCount } = await house.sql.query('SELECT 1 FROM unclaimed_blobs');
          return rowCount === 1;
        };
        until(begun).then(() => sending.destroy(new Error('cut')), reject);
      });
      await expect
        .poll(async () => {
          const { rows } = await house.sql.query('SELECT 1 FROM unclaimed_blobs');
          return { rows, files: await contents() };
        })
        .toEqual({ rows: [], files });
      expect((await read(id)).Recordings).toBeUndefined();
      expect(await sweepUnclaimedBlobs(house.app.ctx, systemScope(businessId))).toEqual({
        removed: 0,
      });
    });

    it('refuses at the door what is larger than 1 GiB', async () => {
      const id = await newConversation();
      const url = new URL(
        `${house.url}/api/v1/business/${businessId}/conversations/${id}/recordings/c`,
      );
      const status = await new Promise((resolve) => {
        const sending = httpRequest(url, {
          method: 'PUT',
          headers: {
            Authorization: 'Token test-bootstrap-key-0123456789abcdef',
            'Content-Type': 'audio/wav',
            'Content-Length': 1024 ** 3 + 1,
          },
        });
        sending.on('error', () => undefined);
        sending.on('response', (response) => {
          resolve(response.statusCode);
          sending.destroy();
        });
        sending.write(Buffer.alloc(1000));
      });
      expect(status).toBe(413);
    });
  });
}

export function readWav(): Promise<Buffer> {
  const samples = join(import.meta.dirname, '../samples/audio-formats');
  return readFile(join(samples, 'whatstheweatherlike-mulaw.wav'));
}

/** A conversation of the client `c` and the agent `a`; gives its id back. */
export async function putConversation(
  house: House,
  businessId: number,
  sessionId: string,
  live = false,
): Promise<string> {
  await house.admin.putConversation({
    businessId,
    sessionId,
    StartTime: '2026-03-01T11:00:00Z',
    InitiationType: 'Inbound',
    ...(live
      ? { Status: 'Active' }
      : { Status: 'Completed', EndTime: '2026-03-01T11:01:00Z', EndType: 'Normal' }),
    Clients: [{ ClientId: 'c', ClientType: 'Phone', JoinedAt: '2026-03-01T11:00:00Z' }],
    Agents: [{ AgentId: 'a', AgentType: 'AI', JoinedAt: '2026-03-01T11:00:00Z' }],
  });
  return sessionId;
}
