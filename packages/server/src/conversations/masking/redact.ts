import { audit } from '../../access/audit/pending-store.ts';
import type { Scope } from '../../access/authorization/scope.ts';
import type { Context } from '../../context.ts';
import { Fault } from '../../kernel/fault.ts';
import { removeReleased } from '../../recordings/storage/store.ts';
import { contentSpans, parseFound, type Span } from '../../redaction/spans.ts';
import { findSpans, putAdded } from '../../redaction/store.ts';
import { findContentLengths } from '../model/content-lengths.ts';
import type { StoredDocument } from '../model/document.ts';
import { requirePresent } from '../read/read.ts';
import { type AdmitLarge, findConversation, findToChange } from '../store.ts';
import { remakeMutedCopies } from './mute.ts';
import { searchDocument } from './search-document.ts';

const MAX_ADDED = 10_000;

/** Adds spans and returns all spans of the conversation. NOT_FOUND, GONE, CONFLICT, INVALID_REQUEST. */
export async function addSpans(
  ctx: Pick<Context, 'db' | 'blobs' | 'clock' | 'log' | 'secrets' | 'threads'>,
  scope: Scope,
  id: string,
  spans: readonly Span[],
): Promise<readonly Span[]> {
  const { known, stored, added, released } = await ctx.db.transaction(async (tx) => {
    const found = await findToChange(tx, scope, id);
    const stored = await requirePresent({ ...ctx, db: tx }, scope, id, found);
    if (stored.kind === 'live') {
      const message = 'The conversation is not sealed yet; its messages may still move.';
      throw new Fault('CONFLICT', message);
    }
    refuseOutside(spans, await findContentLengths(ctx, stored));
    const known = await findSpans(tx, scope, id);
    const texts = new Set((known?.added ?? []).map((span) => JSON.stringify(span)));
    for (const { message, start, end, category } of spans) {
      texts.add(JSON.stringify({ message, start, end, category }));
    }
    if (texts.size > MAX_ADDED) {
      throw new Fault('CONFLICT', `A conversation has at most ${MAX_ADDED} marks.`);
    }
    const added = [...texts].map((text) => JSON.parse(text) as Span);
    await putAdded(tx, scope, id, added);
    const isNew = added.length > (known?.added.length ?? 0);
    if (isNew) {
      const details = { Categories: [...new Set(spans.map(({ category }) => category))] };
      const event = { action: 'RedactionsAdded', kind: 'Conversation', id, details } as const;
      await audit(tx, ctx, { ...scope, now: ctx.clock.now() }, event);
    }
    const released = await remakeMutedCopies(tx, scope, id, ctx.clock.now());
    return { known, stored, added, released };
  });
  await removeReleased(ctx, scope, released);
  const found = known?.found ?? (await search(ctx, scope, stored));
  return inOrder([...contentSpans(found), ...added]);
}

function refuseOutside(spans: readonly Span[], lengths: Int32Array): void {
  const refuse = (at: number, message: string): never => {
    throw new Fault('INVALID_REQUEST', `Spans[${at}].${message}`);
  };
  for (const [at, { message, start, end }] of spans.entries()) {
    const length = lengths[message];
    if (length === undefined) refuse(at, `MessageIndex must be below ${lengths.length}.`);
    else if (start >= end || end > length) {
      refuse(at, `End must be after Start and at most ${length}.`);
    }
  }
}

/** Spans of all categories, whether the business masks them or not. NOT_FOUND, GONE. */
export async function readSpans(
  ctx: Pick<Context, 'db' | 'secrets' | 'threads'>,
  scope: Scope,
  id: string,
  admitLarge: AdmitLarge,
): Promise<readonly Span[]> {
  const unchecked = await findConversation(ctx.db, scope, id, admitLarge);
  const stored = await requirePresent(ctx, scope, id, unchecked);
  if (stored.kind === 'live') return [];
  const known = await findSpans(ctx.db, scope, id);
  const found = known?.found ?? (await search(ctx, scope, stored));
  return inOrder([...contentSpans(found), ...(known?.added ?? [])]);
}

const inOrder = (spans: readonly Span[]) =>
  spans.toSorted((a, b) => a.message - b.message || a.start - b.start);

async function search(ctx: Pick<Context, 'threads'>, scope: Scope, document: StoredDocument) {
  const found = await searchDocument(ctx, document, scope.redactionCountry);
  return parseFound(found);
}
