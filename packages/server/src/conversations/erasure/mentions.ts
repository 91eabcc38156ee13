import type { Scope } from '../../access/authorization/scope.ts';
import type { Context } from '../../context.ts';
import type { Tx } from '../../kernel/postgres/database.ts';
import { bytesInTurns } from '../../kernel/threads/text-bytes.ts';
import { threadTask } from '../../kernel/threads/threads.ts';
import { renameParticipants } from '../../recordings/storage/store.ts';
import type { Place } from '../../redaction/number-spellings.ts';
import { ERASED } from '../../redaction/number-spellings.ts';
import type { Span } from '../../redaction/spans.ts';
import { findAddedSpans, putAddedAlone } from '../../redaction/store.ts';
import { tokenMaker } from '../../redaction/text/tokens.ts';
import { headerOf } from '../from-wire.ts';
import { remakeMutedCopies } from '../masking/mute.ts';
import type { Header } from '../model/conversation.ts';
import { findToChange, type StoredConversation } from '../store.ts';
import { formerIdHash, lockLive } from '../write/live-store.ts';
import { putSealedRow } from '../write/sealed-store.ts';
import { rewriteLive, rewriteSealed } from './mention-store.ts';
import type { ContentEdits, MentionPlace } from './replace-number.ts';
import {
  type ReplacedLive,
  type ReplacedSealed,
  type ReplaceInput,
  replaceInStored,
} from './replace-stored.ts';

const REPLACE = threadTask<typeof import('./replace-stored.thread.ts').default>(
  new URL('./replace-stored.thread.ts', import.meta.url),
);
/** Adversarial texts take some microseconds per character. */
const MIN_THREAD_CHARACTERS = 64 * 1024;

type Stored = Exclude<StoredConversation, { kind: 'erased' }>;

export async function findPlaces(
  ctx: Pick<Context, 'threads'>,
  id: string,
  stored: Stored,
  e164: string,
): Promise<readonly MentionPlace[]> {
  const found = isLarge(stored)
    ? await runInThread(ctx, id, stored, e164, true)
    : replaceInStored(id, stored, e164);
  return found?.places ?? [];
}

export interface LockedMention {
  readonly header: Header;
  readonly stored: Stored;
  readonly replaced: ReplacedSealed | ReplacedLive;
}

/** Locks a conversation to replace a number in it; null if it does not exist or mention the number. */
export async function lockMention(
  ctx: Pick<Context, 'threads'>,
  tx: Tx,
  scope: Scope,
  id: string,
  e164: string,
): Promise<LockedMention | null> {
  const stored = await lockStored(tx, scope, id);
  if (!stored || stored.kind === 'erased') return null;
  const replaced = isLarge(stored)
    ? (await runInThread(ctx, id, stored, e164, false)).replaced
    : replaceInStored(id, stored, e164);
  return replaced && { header: headerOf(stored.head), stored, replaced };
}

async function lockStored(tx: Tx, scope: Scope, id: string): Promise<StoredConversation | null> {
  await lockLive(tx, scope, id);
  const stored = await findToChange(tx, scope, id);
  if (stored?.kind !== 'live' || stored.events !== '') return stored;
  // The conversation was reopened while the row lock was awaited, so the row is current but its events are
  // missing.
  await lockLive(tx, scope, id);
  return findToChange(tx, scope, id);
}

/**
 * Writes the result of `lockMention` and everything derived from it. Returns blob keys for `removeReleased`
 * after the commit. The caller must evict the conversation from the live cache.
 */
export async function writeReplaced(
  ctx: Pick<Context, 'secrets'>,
  tx: Tx,
  scope: Scope,
  id: string,
  { replaced }: LockedMention,
  now: number,
): Promise<string[]> {
  const header = headerOf(replaced.head);
  if (replaced.renamed.length > 0) await renameParticipants(tx, scope, id, replaced.renamed);
  if (replaced.kind === 'live') {
    const hash = (former: string) => formerIdHash(ctx.secrets, scope, id, former);
    const tokenOf = tokenMaker(ctx.secrets.keyOf('participant'), scope.businessId);
    const byHash = replaced.renamed.flatMap(([from, to]) => [
      [hash(from), to] as const,
      // Masked readers know the participant by the token.
      [hash(tokenOf(from)), to] as const,
    ]);
    await rewriteLive(tx, scope, id, replaced, Object.fromEntries(byHash));
  } else {
    const { edits, messageCount, logCount } = replaced;
    await rewriteSealed(tx, scope, id, replaced);
    // The new text needs a new search for spans and a new retention plan.
    await putSealedRow(tx, scope, { header, messageCount, logCount });
    const added = await findAddedSpans(tx, scope, id);
    await putAddedAlone(tx, scope, id, moveSpans(added, edits));
  }
  return remakeMutedCopies(tx, scope, id, now);
}

/**
 * Moves spans that users added to their positions after the replacements. A span inside a replacement grows
 * to cover it.
 */
function moveSpans(spans: readonly Span[], edits: ContentEdits): Span[] {
  return spans.map((span) => {
    const places = edits.get(span.message) ?? [];
    const start = moved(span.start, places, 'start');
    return { ...span, start, end: moved(span.end, places, 'end') };
  });
}

function moved(at: number, places: readonly Place[], side: 'start' | 'end'): number {
  let shift = 0;
  for (const { start, end } of places) {
    if (at <= start) break;
    if (at < end) return start + shift + (side === 'start' ? 0 : ERASED.length);
    shift += ERASED.length - (end - start);
  }
  return at + shift;
}

const textsOf = (stored: ReplaceInput): string[] =>
  stored.kind === 'sealed' ? [stored.head, stored.messages, stored.logs] : [stored.events];

const isLarge = (stored: ReplaceInput) =>
  textsOf(stored).reduce((sum, text) => sum + text.length, 0) >= MIN_THREAD_CHARACTERS;

async function runInThread(
  { threads }: Pick<Context, 'threads'>,
  id: string,
  stored: ReplaceInput,
  e164: string,
  isSearch: boolean,
) {
  const texts: ArrayBuffer[] = [];
  for (const text of textsOf(stored)) texts.push(await bytesInTurns(text));
  return threads.run(
    REPLACE,
    { id, kind: stored.kind, texts, e164, isSearch },
    { transfer: texts },
  );
}
