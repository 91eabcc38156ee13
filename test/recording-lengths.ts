import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { describeRecording } from '../packages/server/src/conversations/peaks.ts';
import { silenceRecording } from '../packages/server/src/conversations/silence.ts';
import { type House, openHouse } from './house.ts';

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

export interface Sample {
  readonly name: string;
  readonly bytes: Buffer;
  readonly contentType: string;
}

export const samples: readonly Sample[] = FOLDERS.flatMap((folder) => {
  const url = new URL(folder, import.meta.url);
  return readdirSync(url).flatMap((name) => {
    const contentType = TYPES[name.split('.').at(-1) ?? ''];
    const bytes = contentType && readFileSync(new URL(name, url));
    return bytes ? [{ name, bytes, contentType }] : [];
  });
});
export const byName = (name: string): Buffer =>
  samples.find((sample) => sample.name === name)?.bytes ?? Buffer.alloc(0);
export const joined: readonly Sample[] = [
  ['opus.ogg', 'opus.ogg'],
  ['vorbis.ogg', 'vorbis.ogg'],
  ['opus-live.webm', 'opus-live.webm'],
  ['voice.webm', 'voice.webm'],
  ['aac.m4a', 'aac.m4a'],
  ['whatstheweatherlike.mp3', 'whatstheweatherlike.mp3'],
  ['whatstheweatherlike.wav', 'whatstheweatherlike.wav'],
  ['piped.wav', 'piped.wav'],
  ['flac.flac', 'flac.flac'],
  ['flac-piped.flac', 'flac.flac', 'flac-piped.flac'],
].map((names) => ({
  name: names.join(' and '),
  bytes: Buffer.concat(names.map(byName)),
  contentType: TYPES[names[0]?.split('.').at(-1) ?? ''] ?? '',
}));

export interface LengthsHouse extends AsyncDisposable {
  readonly house: House;
  readonly businessId: number;
  /** A client that gets silenced copies. */
  readonly masked: House['admin'];
}

/** A server with a conversation `s` that has something to silence. */
export async function openLengthsHouse(): Promise<LengthsHouse> {
  const house = await openHouse();
  const businessId = await house.newBusiness();
  await house.admin.putRedaction({ businessId, Categories: ['CARD'] });
  const reading = { 'Conversations.ConversationPermissions': ['Full' as const] };
  const masked = house.client(await house.newKey(businessId, reading));
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
  return { house, businessId, masked, [Symbol.asyncDispose]: () => house[Symbol.asyncDispose]() };
}

export interface Lengths {
  readonly uploaded: number | null;
  readonly shown: number | null;
  readonly peaks: number | null;
  readonly copy: number | null;
}

/** Of a WAVE of 16 bits. */
async function secondsOf(url: string): Promise<number> {
  const wave = Buffer.from(await (await fetch(url)).arrayBuffer());
  return wave.readUInt32LE(40) / wave.readUInt32LE(28);
}

export function expectAgreement({ shown, peaks, copy }: Omit<Lengths, 'uploaded'>): void {
  if (peaks !== null) expect(shown).toBe(peaks);
  if (copy !== null) expect(Math.abs(copy - (shown ?? 0))).toBeLessThan(0.001);
}

/** Uploads a recording and does its jobs; what each part of the server says of its length. */
export async function lengthsOf(
  lengthsHouse: LengthsHouse,
  { bytes, contentType }: Sample,
): Promise<Lengths> {
  const { house, businessId } = lengthsHouse;
  const audio = new Uint8Array(bytes);
  const { DurationSeconds: uploaded } = await house.admin.putRecording({
    ...{ ...MIXED, businessId, audio, contentType, StartTime: '2026-02-28T12:00:00Z' },
  });
  const { rows } = await house.sql.query('SELECT blob_key FROM recordings WHERE business_id = $1', [
    businessId,
  ]);
  const recording = { businessId, blobKey: rows[0].blob_key };
  await describeRecording(house.app.ctx, recording);
  await silenceRecording(house.app.ctx, recording);
  return { uploaded, ...(await readLengths(lengthsHouse)) };
}

const MIXED = { sessionId: 's', participantId: '_mixed' };

/** What each part of the server says now of the length of the recording. */
export async function readLengths({
  house,
  businessId,
  masked,
}: LengthsHouse): Promise<Omit<Lengths, 'uploaded'>> {
  const peaks = await house.admin.getRecordingPeaks({ ...MIXED, businessId }).catch(() => null);
  const shownTo = async (client: House['admin']) =>
    (await client.getConversation({ businessId, sessionId: 's' })).Recordings?.[0];
  const shown = (await shownTo(house.admin))?.DurationSeconds ?? null;
  const silenced = await shownTo(masked);
  if (silenced) expect(silenced.DurationSeconds).toBe(shown);
  const copy = silenced?.AudioUrl ? await secondsOf(silenced.AudioUrl) : null;
  return { shown, peaks: peaks?.DurationSeconds ?? null, copy };
}
