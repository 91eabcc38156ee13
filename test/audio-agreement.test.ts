import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeRecording } from '../packages/server/src/conversations/peaks.ts';
import { silenceRecording } from '../packages/server/src/conversations/silence.ts';
import { SeededRandom } from '../samples/seeded-random.ts';
import { ADMIN_KEY, type House, openHouse } from './house.ts';

const FOLDERS = ['../samples/audio-formats/', './fixtures/audio/'];
const TYPES: Readonly<Record<string, string>> = {
  wav: 'audio/wav',
  ogg: 'audio/ogg',
  webm: 'audio/webm',
  mp3: 'audio/mpeg',
  flac: 'audio/flac',
  m4a: 'audio/mp4',
  mp4: 'audio/mp4',
};

interface Sample {
  readonly name: string;
  readonly bytes: Buffer;
  readonly contentType: string;
}

const samples: readonly Sample[] = FOLDERS.flatMap((folder) => {
  const url = new URL(folder, import.meta.url);
  return readdirSync(url).flatMap((name) => {
    const contentType = TYPES[name.split('.').at(-1) ?? ''];
    const bytes = contentType && readFileSync(new URL(name, url));
    return bytes ? [{ name, bytes, contentType }] : [];
  });
});
const byName = (name: string): Buffer =>
  samples.find((sample) => sample.name === name)?.bytes ?? Buffer.alloc(0);
const twice: readonly Sample[] = ['opus.ogg', 'vorbis.ogg', 'opus-live.webm'].map((name) => ({
  name: `${name} twice`,
  bytes: Buffer.concat([byName(name), byName(name)]),
  contentType: TYPES[name.split('.').at(-1) ?? ''] ?? '',
}));

let house: House;
let businessId: number;
let masked: House['admin'];
beforeAll(async () => {
  house = await openHouse();
  businessId = await house.newBusiness();
  await house.admin.putRedaction({ businessId, Categories: ['CARD'] });
  const reading = { 'Conversations.ConversationPermissions': ['Full' as const] };
  masked = house.client(await house.newKey(businessId, reading));
  await house.admin.putConversation({
    ...{ businessId, sessionId: 's', Status: 'Completed', EndType: 'Normal' },
    ...{ InitiationType: 'Inbound', StartTime: '2026-02-28T12:00:00Z' },
    EndTime: '2026-02-28T12:01:00Z',
    Clients: [{ ClientId: 'c', ClientType: 'Phone', JoinedAt: '2026-02-28T12:00:00Z' }],
    Messages: [
      {
        ...{ SenderId: 'c', Role: 'User', Content: 'it is 4111 1111 1111 1111' },
        ...{ Timestamp: '2026-02-28T12:00:00.5Z', EndedAt: '2026-02-28T12:00:01Z' },
      },
    ],
  } as never);
});
afterAll(() => house[Symbol.asyncDispose]());

interface Lengths {
  readonly uploaded: number | null;
  readonly shown: number | null;
  readonly peaks: number | null;
  readonly copy: number | null;
}

/** What each part of the server says of the length of a recording. */
async function lengthsOf({ bytes, contentType }: Sample): Promise<Lengths> {
  const whose = { businessId, sessionId: 's', participantId: '_mixed' };
  const audio = new Uint8Array(bytes);
  const { DurationSeconds: uploaded } = await house.admin.putRecording({
    ...{ ...whose, audio, contentType, StartTime: '2026-02-28T12:00:00Z' },
  });
  const { rows } = await house.sql.query('SELECT blob_key FROM recordings WHERE business_id = $1', [
    businessId,
  ]);
  const recording = { businessId, blobKey: rows[0].blob_key };
  await describeRecording(house.app.ctx, recording);
  await silenceRecording(house.app.ctx, recording);
  const peaks = await house.admin.getRecordingPeaks(whose).catch(() => null);
  const { Recordings } = await masked.getConversation({ businessId, sessionId: 's' });
  const shownTo = async (client: House['admin']) =>
    (await client.getConversation({ businessId, sessionId: 's' })).Recordings?.[0];
  const shown = (await shownTo(house.admin))?.DurationSeconds ?? null;
  const silenced = Recordings?.[0];
  if (silenced) expect(silenced.DurationSeconds).toBe(shown);
  const copy = silenced ? await secondsOf(silenced.AudioUrl) : null;
  return { uploaded, shown, peaks: peaks?.DurationSeconds ?? null, copy };
}

/** Of a WAVE of 16 bits. */
async function secondsOf(url: string): Promise<number> {
  const wave = Buffer.from(await (await fetch(url)).arrayBuffer());
  return wave.readUInt32LE(40) / wave.readUInt32LE(28);
}

function expectAgreement({ shown, peaks, copy }: Lengths): void {
  if (peaks !== null) expect(shown).toBe(peaks);
  if (copy !== null) expect(Math.abs(copy - (shown ?? 0))).toBeLessThan(0.001);
}

describe('DurationSeconds, peaks and the silenced copy', () => {
  test.each([...samples, ...twice])('agree for $name', { timeout: 30_000 }, async (sample) => {
    const lengths = await lengthsOf(sample);
    expectAgreement(lengths);
    // What the upload is answered is measured, not decoded.
    if (lengths.peaks === null) return;
    expect(lengths.copy).not.toBeNull();
    expect(Math.abs((lengths.uploaded ?? 0) - lengths.peaks)).toBeLessThan(0.1);
  });

  test('agree for 200 damaged files', { timeout: 300_000 }, async () => {
    const random = new SeededRandom(20_261_129);
    const below = (limit: number) => Math.floor(random.next() * limit);
    let decoded = 0;
    for (let round = 0; round < 200; round += 1) {
      const sample = samples[below(samples.length)] as Sample;
      const isCut = round % 3 === 0;
      const bytes = Buffer.from(
        sample.bytes.subarray(0, isCut ? 1 + below(sample.bytes.length) : undefined),
      );
      for (let flips = isCut ? 0 : 1 + below(20); flips > 0; flips -= 1) {
        bytes[below(flips % 4 === 0 ? Math.min(200, bytes.length) : bytes.length)] = below(256);
      }
      const lengths = await lengthsOf({ ...sample, bytes });
      expectAgreement(lengths);
      if (lengths.peaks !== null) decoded += 1;
    }
    expect(decoded).toBeGreaterThan(100);
  });

  test.each([
    ['joined-late.ogg', 5],
    ['two-files.webm', 5],
    ['late.webm', 4],
    ['vbr-no-xing.mp3', 45.07],
    ['rf64.wav', 3],
    ['adpcm_ima_wav.wav', 3],
  ])('are right for %s', async (name, seconds) => {
    const sample = samples.find((one) => one.name === name) as Sample;
    const { uploaded, shown } = await lengthsOf(sample);
    for (const length of [uploaded, shown]) {
      expect(Math.abs((length ?? 0) - seconds)).toBeLessThan(0.1);
    }
  });
});

describe('audio that is called something else', () => {
  const put = (bytes: Buffer, contentType: string) =>
    house.admin.putRecording({
      ...{ businessId, sessionId: 's', participantId: 'c', contentType },
      audio: new Uint8Array(bytes),
    });
  const withVideo = (name: string) => {
    const bytes = Buffer.from(byName(name));
    // The type of the track, from audio to video.
    if (name.endsWith('.mp4')) bytes.write('vide', bytes.indexOf('soun'));
    else bytes.writeUInt8(1, bytes.indexOf(Buffer.from([0x83, 0x81, 0x02])) + 2);
    return bytes;
  };

  test.each([
    ['voice.webm', 'video/webm;codecs=opus', 'audio/webm'],
    ['voice.mp4', 'video/mp4', 'audio/mp4'],
    ['voice.webm', 'application/octet-stream', 'audio/webm'],
    ['voice.mp4', 'Application/Octet-Stream', 'audio/mp4'],
    ['joined-late.ogg', 'video/ogg', 'audio/ogg'],
    ['vbr-no-xing.mp3', 'application/octet-stream', 'audio/mpeg'],
  ])('%s as %s is stored as %s', async (name, contentType, stored) => {
    const { ContentType, DurationSeconds } = await put(byName(name), contentType);
    expect(ContentType).toBe(stored);
    expect(DurationSeconds).toBeGreaterThan(1);
  });

  test('is accepted without a Content-Type', async () => {
    const path = `/api/v1/business/${businessId}/conversations/s/recordings/c`;
    const response = await fetch(`${house.url}${path}`, {
      method: 'PUT',
      headers: { Authorization: `Bearer ${ADMIN_KEY}` },
      body: new Uint8Array(byName('voice.mp4')),
    });
    expect(await response.json()).toMatchObject({ Data: { ContentType: 'audio/mp4' } });
  });

  test.each([
    ['voice.webm', 'video/webm'],
    ['voice.mp4', 'video/mp4'],
    ['voice.mp4', 'application/octet-stream'],
  ])('%s with a video track is refused as %s', async (name, contentType) => {
    await expect(put(withVideo(name), contentType)).rejects.toMatchObject({
      ...{ status: 415, reason: 'UNSUPPORTED_MEDIA_TYPE' },
      message: expect.stringContaining('video track'),
    });
  });

  test('of no known format is refused, and leaves nothing behind', async () => {
    const noise = Buffer.alloc(5000, 'no audio');
    for (const contentType of ['video/mp4', 'application/octet-stream']) {
      await expect(put(noise, contentType)).rejects.toMatchObject({
        ...{ status: 415, message: expect.stringContaining('no known audio format') },
      });
    }
    const { rows } = await house.sql.query(
      'SELECT 1 FROM unclaimed_blobs WHERE business_id = $1 AND NOT released',
      [businessId],
    );
    expect(rows).toEqual([]);
  });
});
