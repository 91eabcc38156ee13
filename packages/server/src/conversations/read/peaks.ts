import { type Scope, systemScope } from '../../access/authorization/scope.ts';
import type { Context } from '../../context.ts';
import { Fault } from '../../kernel/fault.ts';
import type { Db } from '../../kernel/postgres/database.ts';
import type { DecodeContext, NamedBlob } from '../../recordings/derived/decode.ts';
import { makePeaks } from '../../recordings/derived/make-peaks.ts';
import { findPeaks, forgetPeaks, type PeaksState } from '../../recordings/derived/peaks-store.ts';
import { findSilenced, type SilentStretch } from '../../recordings/derived/silenced-store.ts';
import { findRecordings, removeReleased } from '../../recordings/storage/store.ts';
import { silencedFor } from '../../redaction/mask.ts';
import { isToken } from '../../redaction/opaque-ids.ts';
import { maskingOf, participantOfToken } from '../masking/masked.ts';
import { remakeSilenced } from '../masking/silence.ts';
import { copyOf } from '../model/document.ts';
import { setRecordings } from '../store.ts';
import { findCurrentId } from './former-ids.ts';
import { findHead } from './head-store.ts';
import { requireThere } from './read.ts';

/**
 * Makes the peaks of a recording; where its duration became known by that, now or before this process
 * died, the conversation tells it.
 */
export async function describeRecording(
  ctx: DecodeContext & Pick<Context, 'db' | 'clock'>,
  recording: NamedBlob,
): Promise<void> {
  const conversationId = await makePeaks(ctx, recording);
  if (conversationId === null) return;
  const scope = systemScope(recording.businessId);
  const released = await ctx.db.transaction(async (tx) => {
    const head = await findHead(tx, scope, conversationId, 'lock');
    if (head?.kind !== 'there') return [];
    const copies = (await findRecordings(tx, scope, conversationId)).map(copyOf);
    if (JSON.stringify(copies) === JSON.stringify(head.recordings.map(copyOf))) return [];
    await setRecordings(tx, scope, conversationId, copies);
    // What is silenced depends on how long the recording is.
    const isSilenced = copies.some(({ silenced }) => silenced !== undefined);
    return isSilenced ? remakeSilenced(tx, scope, conversationId, ctx.clock.now()) : [];
  });
  await removeReleased(ctx, scope, released);
}

const NOT_MADE: Readonly<Record<Exclude<PeaksState, 'Made'> | 'waiting', string>> = {
  waiting: 'The peaks of this recording are not made yet; ask again in a moment.',
  NoDecoder: 'There are no peaks: to decode this format the server needs ffmpeg.',
  Undecodable: 'There are no peaks: this recording could not be decoded.',
};

/**
 * The peaks of a recording as JSON text; for those who may not hear all of it, as flat as it is silent,
 * and the participant by the token that they know. NOT_FOUND, GONE.
 */
export async function readPeaks(
  ctx: Pick<Context, 'db' | 'blobs' | 'secrets'>,
  scope: Scope,
  id: string,
  participantId: string,
): Promise<string> {
  const masking = maskingOf(ctx.secrets, scope);
  const head = await findHead(ctx.db, scope, id, 'no lock');
  const { recordings } = await requireThere(ctx.secrets, ctx.db, scope, id, head);
  const present = recordings.map((recording) => recording.participantId);
  const named = participantOfToken(masking, participantId, present);
  const own = await findCurrentId(ctx, ctx.db, scope, id, named, present);
  // A masked reader must not try ids that answers do not show.
  const mayName = !masking || own === '_mixed' || isToken(participantId);
  const isThere = mayName && present.includes(own);
  const found = isThere && (await findPeaks(ctx.db, scope, id, own));
  if (!found) {
    throw new Fault('NOT_FOUND', `There is no recording of ${participantId} in this conversation.`);
  }
  const silent = masking ? await silentIn(ctx.db, scope, found.blobKey) : [];
  const stream = silent && found.peaksKey && (await ctx.blobs.read(found.peaksKey));
  if (!stream) {
    // What the store has lost is made anew.
    if (silent && found.peaksKey) await forgetPeaks(ctx.db, scope, found.blobKey, found.peaksKey);
    const state = found.state === null || found.state === 'Made' ? 'waiting' : found.state;
    throw new Fault('NOT_FOUND', NOT_MADE[state]);
  }
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString('utf8');
  return silent.length === 0 ? text : flattened(text, silent);
}

/** Where the copy is silent that somebody is given who may not hear all; null: there is none. */
async function silentIn(db: Db, scope: Scope, blobKey: string) {
  const silenced = await findSilenced(db, scope, blobKey);
  const isRight = silenced?.for === silencedFor(scope.redaction ?? [], scope.redactionCountry);
  return isRight ? silenced.stretches : null;
}

interface PeaksText {
  readonly PeaksPerSecond: number;
  readonly Peaks: readonly number[][];
}

function flattened(text: string, silent: readonly SilentStretch[]): string {
  const peaks = JSON.parse(text) as PeaksText;
  for (const channel of peaks.Peaks) {
    for (const [from, to] of silent) {
      const first = Math.floor(from * peaks.PeaksPerSecond);
      channel.fill(0, first, Math.ceil(to * peaks.PeaksPerSecond));
    }
  }
  return JSON.stringify(peaks);
}
