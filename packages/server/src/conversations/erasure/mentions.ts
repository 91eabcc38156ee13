import type { Scope } from '../../access/authorization/scope.ts';
import type { Context } from '../../context.ts';
import type { Tx } from '../../kernel/postgres/database.ts';
import { bytesInTurns } from '../../kernel/threads/text-bytes.ts';
import { threadTask } from '../../kernel/threads/threads.ts';
import { renameParticipants } from '../../recordings/storage/store.ts';
import { ERASED, type Place } from '../../redaction/number-spellings.ts';
import type { Span } from '../../redaction/spans.ts';
import { findAddedSpans, putAddedAlone } from '../../redaction/store.ts';
import { tokenMaker } from '../../redaction/text/tokens.ts';
import { headerOf } from '../from-wire.ts';
import type { Header } from '../model/conversation.ts';
import type { PresentConversation } from '../store.ts';
import { commit } from '../write/commit.ts';
import { formerIdHash, lockStored } from '../write/live-store.ts';
import { rewriteLive, rewriteSealed } from './mention-store.ts';
import type { ContentEdits } from './replace-number.ts';
import type { ReplacedInThread, ReplaceInThread } from './replace-stored.thread.ts';
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

type Threads = Pick<Context, 'threads'>;
type Number = Pick<ReplaceInThread, 'id' | 'e164'>;

export async function findPlaces(ctx: Threads, stored: PresentConversation, number: Number) {
  return (await replaceNumber(ctx, stored, { ...number, isSearch: true })).places;
}

export interface LockedMention {
  readonly header: Header;
  readonly replaced: ReplacedSealed | ReplacedLive;
}

/** null if the conversation does not exist or mention the number. */
export async function lockMention(
  ctx: Threads,
  tx: Tx,
  scope: Scope,
  number: Number,
): Promise<LockedMention | null> {
  const stored = await lockStored(tx, scope, number.id);
  if (!stored || stored.kind === 'erased') return null;
  const { replaced } = await replaceNumber(ctx, stored, { ...number, isSearch: false });
  return replaced && { header: headerOf(stored.head), replaced };
}

/** Returns blob keys for `removeReleased`. The caller must evict the conversation from the live cache. */
export async function writeReplaced(
  ctx: Pick<Context, 'clock' | 'secrets'>,
  tx: Tx,
  scope: Scope,
  { header: before, replaced }: LockedMention,
): Promise<string[]> {
  const { id } = before;
  if (replaced.renamed.length > 0) await renameParticipants(tx, scope, id, replaced.renamed);
  if (replaced.kind === 'live') {
    const hash = (former: string) => formerIdHash(ctx.secrets, scope, id, former);
    const tokenOf = tokenMaker(ctx.secrets.keyOf('participant'), scope.businessId);
    // Masked readers know the participant by the token.
    const byHash = replaced.renamed.flatMap(([from, to]) =>
      [from, tokenOf(from)].map((former) => [hash(former), to] as const),
    );
    await rewriteLive(tx, scope, id, { ...replaced, renamedByHash: Object.fromEntries(byHash) });
  } else {
    const { edits } = replaced;
    await rewriteSealed(tx, scope, id, replaced);
    const added = await findAddedSpans(tx, scope, id);
    await putAddedAlone(tx, scope, id, moveSpans(added, edits));
  }
  const after = headerOf(replaced.head);
  const sealed = replaced.kind === 'sealed' && { sealed: replaced };
  const change = { reason: { type: 'Edited' }, before, after, ...sealed } as const;
  return commit(tx, ctx, { ...scope, now: ctx.clock.now() }, [change]);
}

/** A span inside a replacement grows to cover it. */
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

async function replaceNumber(
  { threads }: Threads,
  stored: ReplaceInput,
  search: Number & Pick<ReplaceInThread, 'isSearch'>,
): Promise<ReplacedInThread> {
  const given = textsOf(stored);
  if (given.reduce((sum, text) => sum + text.length, 0) < MIN_THREAD_CHARACTERS) {
    const replaced = replaceInStored(search.id, stored, search.e164);
    return { places: replaced?.places ?? [], replaced };
  }
  const texts: ArrayBuffer[] = [];
  for (const text of given) texts.push(await bytesInTurns(text));
  return threads.run(REPLACE, { ...search, kind: stored.kind, texts }, { transfer: texts });
}
