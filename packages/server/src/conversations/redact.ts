import { audit } from '../access/audit/pending-store.ts';
import type { Scope } from '../access/scope.ts';
import type { Context } from '../base/context.ts';
import { Fault } from '../base/fault.ts';
import { removeReleased } from '../recordings/store.ts';
import { DETECTOR } from '../redaction/detect.ts';
import { findSpans, putAdded, putFound, type Span } from '../redaction/store.ts';
import { conversationOf } from './from-wire.ts';
import { findAll, findAllInTurns } from './masked.ts';
import { requireThere } from './read.ts';
import { findUnlooked, noteLooked } from './sealed-store.ts';
import { silenceAnew } from './silence.ts';
import { findConversation, findToChange } from './store.ts';

const MOST_ADDED = 10_000;
const LOOK_AT_ONCE = 100;

/** Marks stretches of messages; gives all that is to be masked. NOT_FOUND, GONE, CONFLICT, INVALID_REQUEST. */
export async function addSpans(
  ctx: Pick<Context, 'db' | 'blobs' | 'clock' | 'log' | 'secrets'>,
  scope: Scope,
  id: string,
  spans: readonly Span[],
): Promise<readonly Span[]> {
  const { all, released } = await ctx.db.transaction(async (tx) => {
    const found = await findToChange(tx, scope, id);
    const stored = await requireThere(ctx.secrets, tx, scope, id, found);
    if (stored.kind === 'live') {
      throw new Fault(
        'CONFLICT',
        'The conversation is not sealed yet; its messages may still move.',
      );
    }
    const { messages } = conversationOf(stored);
    for (const [at, { message, start, end }] of spans.entries()) {
      const length = messages[message]?.content.length;
      if (length !== undefined && start < end && end <= length) continue;
      throw new Fault(
        'INVALID_REQUEST',
        length === undefined
          ? `Spans[${at}].MessageIndex must be below ${messages.length}.`
          : `Spans[${at}] must end after its Start, and at ${length} at the latest.`,
      );
    }
    const known = (await findSpans(tx, scope, [id])).get(id);
    const texts = new Set((known?.added ?? []).map((span) => JSON.stringify(span)));
    for (const { message, start, end, category } of spans) {
      texts.add(JSON.stringify({ message, start, end, category }));
    }
    if (texts.size > MOST_ADDED) {
      throw new Fault('CONFLICT', `A conversation has at most ${MOST_ADDED} marks.`);
    }
    const added = [...texts].map((text) => JSON.parse(text) as Span);
    await putAdded(tx, scope, id, added);
    const isNews = added.length > (known?.added.length ?? 0);
    if (isNews) {
      const details = { Categories: [...new Set(spans.map(({ category }) => category))] };
      await audit(tx, ctx, scope, ctx.clock.now(), {
        action: 'RedactionsAdded',
        kind: 'Conversation',
        id,
        details,
      });
    }
    return {
      all: inOrder([...(known?.found ?? findAll(messages)), ...added]),
      released: await silenceAnew(tx, scope, id, ctx.clock.now()),
    };
  });
  await removeReleased(ctx, scope, released);
  return all;
}

/** All that is to be masked in a conversation, whichever categories are. NOT_FOUND, GONE. */
export async function readSpans(
  ctx: Pick<Context, 'db' | 'secrets'>,
  scope: Scope,
  id: string,
): Promise<readonly Span[]> {
  const found = await findConversation(ctx.db, scope, id);
  const stored = await requireThere(ctx.secrets, ctx.db, scope, id, found);
  if (stored.kind === 'live') return [];
  const known = (await findSpans(ctx.db, scope, [id])).get(id);
  const all = known?.found ?? (await findAllInTurns(conversationOf(stored).messages));
  return inOrder([...all, ...(known?.added ?? [])]);
}

const inOrder = (spans: readonly Span[]) =>
  spans.toSorted((a, b) => a.message - b.message || a.start - b.start);

/** Looks through sealed conversations of a business that were not looked through yet. */
export async function lookThrough(ctx: Pick<Context, 'db'>, scope: Scope): Promise<void> {
  for (;;) {
    const ids = await findUnlooked(ctx.db, scope, DETECTOR, LOOK_AT_ONCE);
    if (ids.length === 0) return;
    // Each by itself: a transcript may take its time, and nobody is to wait for a hundred of them.
    for (const id of ids) {
      const seen = await findConversation(ctx.db, scope, id);
      const messages = seen?.kind === 'sealed' ? conversationOf(seen).messages : [];
      const found = await findAllInTurns(messages);
      await ctx.db.transaction(async (tx) => {
        const stored = await findToChange(tx, scope, id);
        if (stored?.kind === 'sealed') {
          // Written anew meanwhile: it comes again.
          if (seen?.kind !== 'sealed' || seen.messages !== stored.messages) return;
          await putFound(tx, scope, id, found, 'keep');
        }
        await noteLooked(tx, scope, id, DETECTOR);
      });
    }
  }
}
