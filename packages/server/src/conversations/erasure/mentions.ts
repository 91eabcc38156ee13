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
import { remakeSilenced } from '../masking/silence.ts';
import type { Header } from '../model/conversation.ts';
import { findToChange, type StoredConversation } from '../store.ts';
import { formerIdHash, lockLive } from '../write/live-store.ts';
import { noteSealed } from '../write/sealed-store.ts';
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
/** A text that is made to be slow takes some microseconds for each character. */
const MIN_THREAD_CHARACTERS = 64 * 1024;

type Stored = Exclude<StoredConversation, { kind: 'erased' }>;

/** Where a conversation mentions a phone number. */
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

/** A conversation that mentions a number, locked, and what takes its place. */
export interface LockedMention {
  readonly header: Header;
  readonly stored: Stored;
  readonly replaced: ReplacedSealed | ReplacedLive;
}

/** Locks a conversation to replace a number in it; null if it is gone or does not mention the number. */
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
  // It was opened to events while its row was waited for, which was read again without them.
  await lockLive(tx, scope, id);
  return findToChange(tx, scope, id);
}

/**
 * Writes what `lockMention` gave, with all that is derived from it. Gives the keys of blobs for
 * `removeReleased` after the commit. The caller forgets what the live cache has of it.
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
      // Masked readers know the participant by this.
      [hash(tokenOf(from)), to] as const,
    ]);
    await rewriteLive(tx, scope, id, replaced, Object.fromEntries(byHash));
  } else {
    const { edits, messageCount, logCount } = replaced;
    await rewriteSealed(tx, scope, id, replaced);
    // It is searched for what is to be masked again, and its retention is planned again.
    await noteSealed(tx, scope, { header, messageCount, logCount });
    const added = await findAddedSpans(tx, scope, id);
    await putAddedAlone(tx, scope, id, moveSpans(added, edits));
  }
  return remakeSilenced(tx, scope, id, now);
}

/** Marks of users, in the contents with the replacements. One within a replacement covers all of it. */
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
