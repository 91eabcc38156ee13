import { type Scope, systemScope } from '../../access/authorization/scope.ts';
import { findRedaction } from '../../access/businesses/redaction-store.ts';
import type { Context } from '../../context.ts';
import type { Tx } from '../../kernel/postgres/database.ts';
import { bytesInTurns } from '../../kernel/threads/text-bytes.ts';
import { threadTask } from '../../kernel/threads/threads.ts';
import type { DecodeContext, NamedBlob } from '../../recordings/derived/decode.ts';
import { makePeaks } from '../../recordings/derived/make-peaks.ts';
import { type MadeCopy, makeSilenced } from '../../recordings/derived/make-silenced.ts';
import { findRecordingOf } from '../../recordings/derived/peaks-store.ts';
import {
  addSilenceJobs,
  dropSilenced,
  findSilenced,
  type SilentStretch,
  setSilenced,
} from '../../recordings/derived/silenced-store.ts';
import { dropReceived, findRecordings, removeReleased } from '../../recordings/storage/store.ts';
import { takeUpload } from '../../recordings/storage/unclaimed-blobs.ts';
import { silencedFor } from '../../redaction/mask.ts';
import { parseSpans } from '../../redaction/spans.ts';
import { findStoredSpans } from '../../redaction/store.ts';
import { conversationOf } from '../from-wire.ts';
import { copyOf, isLarge } from '../model/document.ts';
import type { RecordingPlace } from '../model/recording-start.ts';
import { findToChange, setRecordings } from '../store.ts';
import { searchConversation } from './search-sealed.ts';
import { silentStretches } from './silent-stretches.ts';

const STRETCHES = threadTask<typeof import('./silent-stretches.thread.ts').default>(
  new URL('./silent-stretches.thread.ts', import.meta.url),
);

type SilenceContext = DecodeContext & Pick<Context, 'db' | 'clock' | 'threads'>;

/**
 * Makes the copy of a recording that those are given who may not hear all of it, where the business
 * masks something and its conversation is sealed. What has changed meanwhile is begun again.
 */
export async function silenceRecording(ctx: SilenceContext, recording: NamedBlob): Promise<void> {
  const scope = systemScope(recording.businessId);
  const { blobKey } = recording;
  for (;;) {
    const { categories, country } = await findRedaction(ctx.db, scope);
    if (categories.length === 0) return;
    const wish = silencedFor(categories, country);
    const found = await findRecordingOf(ctx.db, scope, blobKey);
    const current = await findSilenced(ctx.db, scope, blobKey);
    if (!found || !current) return;
    if (current.for === wish && current.state !== 'NoDecoder') return;
    const { conversationId, contentType } = found;
    if (found.durationMs === null && found.peaksState === null) {
      // The length decides how much is silenced.
      await makePeaks(ctx, recording);
      continue;
    }
    const look = (tx: Tx) => findStretches(ctx, tx, scope, { ...found, categories, country });
    const stretches = await ctx.db.transaction(look);
    if (stretches === 'not sealed') return;
    if (stretches === 'not searched') {
      await searchConversation(ctx, scope, conversationId);
      continue;
    }
    const made = await make(ctx, recording, contentType, stretches);
    let released: string[] | 'changed' | 'gone' = 'changed';
    try {
      released = await ctx.db.transaction(async (tx) => {
        const now = await look(tx);
        if (JSON.stringify(now) !== JSON.stringify(stretches)) return 'changed';
        if (made.blobKey !== null && !(await takeUpload(tx, scope, made.blobKey))) return 'changed';
        const copy = { ...made, for: wish, stretches };
        const replaced = await setSilenced(tx, scope, blobKey, copy, ctx.clock.now());
        // Rolled back, so that the upload is given up below.
        if (replaced === 'gone') throw new GoneError();
        await tell(tx, scope, conversationId);
        return replaced;
      });
    } catch (error) {
      if (!(error instanceof GoneError)) throw error;
      released = 'gone';
    }
    if (typeof released !== 'string') return removeReleased(ctx, scope, released);
    if (made.blobKey !== null) await dropReceived(ctx, scope, { blobKey: made.blobKey });
    if (released === 'gone') return;
  }
}

class GoneError extends Error {}

/** A recording, and what must not be heard in it. */
interface Heard extends RecordingPlace {
  readonly conversationId: string;
  readonly categories: readonly string[];
  readonly country: string | null;
}

/** Nobody changes the conversation until the transaction ends; null: it is not known. */
async function findStretches(
  { threads }: Pick<Context, 'threads'>,
  tx: Tx,
  scope: Scope,
  { conversationId, participantId, startTime, durationMs, categories, country }: Heard,
): Promise<SilentStretch[] | null | 'not sealed' | 'not searched'> {
  const recording = { participantId, startTime, durationMs };
  const stored = await findToChange(tx, scope, conversationId);
  if (stored?.kind !== 'sealed') return 'not sealed';
  const spans = (await findStoredSpans(tx, scope, [conversationId], country)).get(conversationId);
  if (!spans?.found) return 'not searched';
  if (isLarge(stored)) {
    const messages = await bytesInTurns(stored.messages);
    const foundBytes = await bytesInTurns(spans.found.messages);
    const { head } = stored;
    const { added } = spans;
    const input = { head, messages, found: foundBytes, added, categories, recording };
    return threads.run(STRETCHES, input, { transfer: [messages, foundBytes] });
  }
  const { found, added } = parseSpans(spans);
  if (!found) return 'not searched';
  const conversation = conversationOf(stored);
  return silentStretches(conversation, { found, added }, new Set(categories), recording);
}

async function make(
  ctx: SilenceContext,
  recording: NamedBlob,
  contentType: Parameters<typeof makeSilenced>[2],
  stretches: readonly SilentStretch[] | null,
): Promise<MadeCopy> {
  if (stretches === null) return { state: 'Impossible', blobKey: null, bytes: null };
  if (stretches.length === 0) return { state: 'Same', blobKey: null, bytes: null };
  return makeSilenced(ctx, recording, contentType, stretches);
}

/** Repeats in the conversation's row what there is of its recordings. */
async function tell(tx: Tx, scope: Scope, conversationId: string): Promise<void> {
  const copies = (await findRecordings(tx, scope, conversationId)).map(copyOf);
  await setRecordings(tx, scope, conversationId, copies);
}

/**
 * Discards the silenced copies of a conversation and has them made again, as they may silence too little now.
 * The conversation must be locked. Returns the keys of their blobs, for `removeReleased`.
 */
export async function remakeSilenced(
  tx: Tx,
  scope: Scope,
  conversationId: string,
  now: number,
): Promise<string[]> {
  const released = await dropSilenced(tx, scope, conversationId, now);
  await tell(tx, scope, conversationId);
  await askForSilence(tx, scope, conversationId);
  return released;
}

/** Has copies made where the business masks something. */
export async function askForSilence(tx: Tx, scope: Scope, conversationId: string): Promise<void> {
  if (scope.redaction === null) return;
  await addSilenceJobs(
    tx,
    scope,
    conversationId,
    silencedFor(scope.redaction, scope.redactionCountry),
  );
}
