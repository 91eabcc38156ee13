import { type Scope, systemScope } from '../../access/authorization/scope.ts';
import type { Context } from '../../context.ts';
import { Fault } from '../../kernel/fault.ts';
import type { Db } from '../../kernel/postgres/database.ts';
import type { DecodeContext, NamedBlob } from '../../recordings/derived/decode.ts';
import { makePeaks } from '../../recordings/derived/make-peaks.ts';
import { findMutedCopy, type MutedRange } from '../../recordings/derived/muted-store.ts';
import { clearPeaks, findPeaks, type PeaksState } from '../../recordings/derived/peaks-store.ts';
import { findRecordings, removeReleased } from '../../recordings/storage/store.ts';
import { mutedFor } from '../../redaction/mask.ts';
import { isToken } from '../../redaction/opaque-ids.ts';
import { maskingOf, participantOfToken } from '../masking/masked.ts';
import { remakeMutedCopies } from '../masking/mute.ts';
import { copyOf } from '../model/document.ts';
import { setRecordings } from '../store.ts';
import { findCurrentId } from './former-ids.ts';
import { findHead } from './head-store.ts';
import { requirePresent } from './read.ts';

/** Makes peaks, and copies a duration to the conversation that it does not know yet. */
export async function describeRecording(
  ctx: DecodeContext & Pick<Context, 'db' | 'clock'>,
  recording: NamedBlob,
): Promise<void> {
  const conversationId = await makePeaks(ctx, recording);
  if (conversationId === null) return;
  const scope = systemScope(recording.businessId);
  const released = await ctx.db.transaction(async (tx) => {
    const head = await findHead(tx, scope, conversationId, 'lock');
    if (head?.kind !== 'present') return [];
    const copies = (await findRecordings(tx, scope, conversationId)).map(copyOf);
    if (JSON.stringify(copies) === JSON.stringify(head.recordings.map(copyOf))) return [];
    await setRecordings(tx, scope, conversationId, copies);
    const isMuted = copies.some(({ silenced }) => silenced !== undefined);
    return isMuted ? remakeMutedCopies(tx, scope, conversationId, ctx.clock.now()) : [];
  });
  await removeReleased(ctx, scope, released);
}

const NOT_MADE: Readonly<Record<Exclude<PeaksState, 'Made'> | 'waiting', string>> = {
  waiting: 'The peaks of this recording are not made yet; ask again in a moment.',
  NoDecoder: 'There are no peaks: to decode this format the server needs ffmpeg.',
  Undecodable: 'There are no peaks: this recording could not be decoded.',
};

/** For masked readers, muted ranges are flat and a token names the participant. NOT_FOUND, GONE. */
export async function readPeaks(
  ctx: Pick<Context, 'db' | 'blobs' | 'secrets'>,
  scope: Scope,
  id: string,
  participantId: string,
): Promise<string> {
  const masking = maskingOf(ctx.secrets, scope);
  const head = await findHead(ctx.db, scope, id, 'no lock');
  const { recordings } = await requirePresent(ctx, scope, id, head);
  const present = recordings.map((recording) => recording.participantId);
  const named = participantOfToken(masking, participantId, present);
  const own = await findCurrentId(ctx, scope, id, { id: named, present });
  // Masked readers must not probe for ids that answers do not show.
  const mayName = !masking || own === '_mixed' || isToken(participantId);
  const isThere = mayName && present.includes(own);
  const found = isThere && (await findPeaks(ctx.db, scope, id, own));
  if (!found) {
    throw new Fault('NOT_FOUND', `There is no recording of ${participantId} in this conversation.`);
  }
  const muted = masking ? await findRangesOfCopy(ctx.db, scope, found.blobKey) : [];
  const stream = muted && found.peaksKey && (await ctx.blobs.read(found.peaksKey));
  if (!stream) {
    if (muted && found.peaksKey) await clearPeaks(ctx.db, scope, found.blobKey, found.peaksKey);
    const state = found.state === null || found.state === 'Made' ? 'waiting' : found.state;
    throw new Fault('NOT_FOUND', NOT_MADE[state]);
  }
  const text = Buffer.concat(await Array.fromAsync(stream)).toString('utf8');
  return muted.length === 0 ? text : flatten(text, muted);
}

async function findRangesOfCopy(db: Db, scope: Scope, blobKey: string) {
  const copy = await findMutedCopy(db, scope, blobKey);
  const isCurrent = copy?.for === mutedFor(scope.redaction ?? [], scope.redactionCountry);
  return isCurrent ? copy.ranges : null;
}

interface PeaksText {
  readonly PeaksPerSecond: number;
  readonly Peaks: readonly number[][];
}

function flatten(text: string, muted: readonly MutedRange[]): string {
  const peaks = JSON.parse(text) as PeaksText;
  for (const channel of peaks.Peaks) {
    for (const [from, to] of muted) {
      const first = Math.floor(from * peaks.PeaksPerSecond);
      channel.fill(0, first, Math.ceil(to * peaks.PeaksPerSecond));
    }
  }
  return JSON.stringify(peaks);
}
