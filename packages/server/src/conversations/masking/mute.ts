import { type Scope, systemScope } from '../../access/authorization/scope.ts';
import { findRedaction } from '../../access/businesses/redaction-store.ts';
import type { Context } from '../../context.ts';
import type { Tx } from '../../kernel/postgres/database.ts';
import { bytesInTurns } from '../../kernel/threads/text-bytes.ts';
import { threadTask } from '../../kernel/threads/threads.ts';
import type { DecodeContext, NamedBlob } from '../../recordings/derived/decode.ts';
import { type MadeCopy, makeMutedCopy } from '../../recordings/derived/make-muted-copy.ts';
import { makePeaks } from '../../recordings/derived/make-peaks.ts';
import {
  addMuteJobs,
  deleteMutedCopies,
  findMutedCopy,
  type MutedRange,
  setMutedCopy,
} from '../../recordings/derived/muted-store.ts';
import { findRecordingOf } from '../../recordings/derived/peaks-store.ts';
import { discardUpload, findRecordings, removeReleased } from '../../recordings/storage/store.ts';
import { takeUpload } from '../../recordings/storage/unclaimed-store.ts';
import { mutedFor } from '../../redaction/mask.ts';
import { parseFound } from '../../redaction/spans.ts';
import { findStoredSpans } from '../../redaction/store.ts';
import { conversationOf } from '../from-wire.ts';
import { copyOf, isLarge } from '../model/document.ts';
import type { RecordingPlace } from '../model/recording-start.ts';
import { findToChange, setRecordings } from '../store.ts';
import { findMutedRanges } from './muted-ranges.ts';
import { searchConversation } from './search-sealed.ts';

const MUTED_RANGES = threadTask<typeof import('./muted-ranges.thread.ts').default>(
  new URL('./muted-ranges.thread.ts', import.meta.url),
);

type MuteContext = DecodeContext & Pick<Context, 'db' | 'clock' | 'threads'>;

/** Without effect if the business uses no redaction or the conversation is not sealed. */
export async function muteRecording(ctx: MuteContext, recording: NamedBlob): Promise<void> {
  const scope = systemScope(recording.businessId);
  const { blobKey } = recording;
  for (;;) {
    const { categories, country } = await findRedaction(ctx.db, scope);
    if (categories.length === 0) return;
    const settings = mutedFor(categories, country);
    const found = await findRecordingOf(ctx.db, scope, blobKey);
    const current = await findMutedCopy(ctx.db, scope, blobKey);
    if (!found || !current) return;
    if (current.for === settings && current.state !== 'NoDecoder') return;
    const { conversationId, contentType } = found;
    if (found.durationMs === null && found.peaksState === null) {
      await makePeaks(ctx, recording);
      continue;
    }
    const readRanges = (tx: Tx) => findRanges(ctx, tx, scope, { ...found, categories, country });
    const ranges = await ctx.db.transaction(readRanges);
    if (ranges === 'not sealed') return;
    if (ranges === 'not searched') {
      await searchConversation(ctx, scope, conversationId);
      continue;
    }
    const copy = await makeCopy(ctx, recording, contentType, ranges);
    let released: string[] | 'changed' | 'gone' = 'changed';
    try {
      released = await ctx.db.transaction(async (tx) => {
        const now = await readRanges(tx);
        if (JSON.stringify(now) !== JSON.stringify(ranges)) return 'changed';
        if (copy.blobKey !== null && !(await takeUpload(tx, scope, copy.blobKey))) return 'changed';
        const stored = { ...copy, for: settings, ranges, madeAt: ctx.clock.now() };
        const replaced = await setMutedCopy(tx, scope, blobKey, stored);
        if (replaced === 'gone') throw new GoneError();
        await repeatRecordings(tx, scope, conversationId);
        return replaced;
      });
    } catch (error) {
      if (!(error instanceof GoneError)) throw error;
      released = 'gone';
    }
    if (typeof released !== 'string') return removeReleased(ctx, scope, released);
    if (copy.blobKey !== null) await discardUpload(ctx, scope, { blobKey: copy.blobKey });
    if (released === 'gone') return;
  }
}

class GoneError extends Error {}

interface MaskedRecording extends RecordingPlace {
  readonly conversationId: string;
  readonly categories: readonly string[];
  readonly country: string | null;
}

/** Locks the conversation. null: unknown, because the messages were purged. */
async function findRanges(
  { threads }: Pick<Context, 'threads'>,
  tx: Tx,
  scope: Scope,
  { conversationId, participantId, startTime, durationMs, categories, country }: MaskedRecording,
): Promise<MutedRange[] | null | 'not sealed' | 'not searched'> {
  const recording = { participantId, startTime, durationMs };
  const stored = await findToChange(tx, scope, conversationId);
  if (stored?.kind !== 'sealed') return 'not sealed';
  const spans = (await findStoredSpans(tx, scope, [conversationId], country)).get(conversationId);
  if (!spans?.found) return 'not searched';
  if (!isLarge(stored)) {
    const parsed = { found: parseFound(spans.found), added: JSON.parse(spans.added) };
    return findMutedRanges(conversationOf(stored), parsed, new Set(categories), recording);
  }
  const messages = await bytesInTurns(stored.messages);
  const found = await bytesInTurns(spans.found.messages);
  const input = { head: stored.head, messages, found, added: spans.added, categories, recording };
  return threads.run(MUTED_RANGES, input, { transfer: [messages, found] });
}

async function makeCopy(
  ctx: MuteContext,
  recording: NamedBlob,
  contentType: Parameters<typeof makeMutedCopy>[2],
  ranges: readonly MutedRange[] | null,
): Promise<MadeCopy> {
  if (ranges === null) return { state: 'Impossible', blobKey: null, bytes: null };
  if (ranges.length === 0) return { state: 'Same', blobKey: null, bytes: null };
  return makeMutedCopy(ctx, recording, contentType, ranges);
}

async function repeatRecordings(tx: Tx, scope: Scope, conversationId: string): Promise<void> {
  const copies = (await findRecordings(tx, scope, conversationId)).map(copyOf);
  await setRecordings(tx, scope, conversationId, copies);
}

/** For a locked conversation whose copies may mute too little. Returns blob keys for `removeReleased`. */
export async function remakeMutedCopies(tx: Tx, scope: Scope, id: string, now: number) {
  const released = await deleteMutedCopies(tx, scope, id, now);
  await repeatRecordings(tx, scope, id);
  await requestMutedCopies(tx, scope, id);
  return released;
}

export async function requestMutedCopies(tx: Tx, scope: Scope, id: string): Promise<void> {
  if (scope.redaction === null) return;
  await addMuteJobs(tx, scope, id, mutedFor(scope.redaction, scope.redactionCountry));
}
