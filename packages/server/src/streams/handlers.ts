import type { EventSink, Events, Handlers } from '../access/authorization/call.ts';
import type { Scope } from '../access/authorization/scope.ts';
import { numberBusiness } from '../changes/log.ts';
import { findPositionBefore, findRange } from '../changes/log-store.ts';
import type { Context } from '../context.ts';
import { filterFromWire, instantOrNull } from '../conversations/from-wire.ts';
import { auditRead, maskingOf } from '../conversations/masking/masked.ts';
import type { Masking } from '../redaction/mask.ts';
import { readBacklog } from './backlog.ts';
import type { Follower } from './follower.ts';
import { type History, loadHistory } from './history.ts';
import type { HubContext } from './hub.ts';
import { type Item, renderBlock } from './item.ts';
import { MaskedSender } from './masked-sender.ts';
import { type Cursor, endOfRow, isAfter, type Place, parseId } from './place.ts';
import { PlainSender, type Sender, sendInParts } from './sender.ts';
import type { Streams } from './streams.ts';

export type StreamContext = HubContext &
  Pick<Context, 'clock' | 'share'> & { readonly streams: Streams };

const MIN_RETRY_MILLISECONDS = 2_500;
const RETRY_SPREAD_MILLISECONDS = 2_000;
/** Before all events. */
const START: Place = { position: 0, index: -999_999_999 };
const BEGINNING: Cursor = { place: START, held: [] };

type Names = 'StreamConversation' | 'StreamBusiness';

export const streamHandlers = (ctx: StreamContext): Handlers<Names> => ({
  async StreamConversation(call) {
    const { scope, params, query } = call;
    const { sessionId: id } = params;
    const masking = maskingOf(ctx.secrets, scope);
    const { follower } = await ctx.streams.follow(call, { conversationId: id });
    // Not the share of the call, which ends with the answer: a slow client keeps the history in memory.
    const share = ctx.share.open(scope.businessId, 'StreamConversation', call.signal);
    try {
      const admitLarge = (bytes: number) => share.reserve(bytes);
      const history = await loadHistory(ctx, scope, id, { masking, admitLarge });
      const ids = [id];
      await auditRead(ctx, scope, { operation: 'StreamConversation', kind: 'Conversation', ids });
      const from = beginningIn(history, query.LastEventId);
      if (from === null) {
        share.release();
        follower.end();
        return { events: null };
      }
      const isReset = from.isReset;
      const send = async (sink: EventSink) => {
        const sender = senderOf(ctx, scope, masking, { sink, cursor: from.cursor });
        if (sender instanceof MaskedSender) sender.begin(id, history);
        follower.open({ sink, sender, reached: history.reached });
        sink.write(retryLine());
        if (isReset) sink.write(resetBlock());
        await sendInParts(sink, sender, itemsAfter(history, from.cursor));
        if (history.isSealed) follower.finish(history.end.position);
        else follower.continue(history.reached);
      };
      return opened(follower, (sink) => send(sink).finally(() => share.release()));
    } catch (error) {
      share.release();
      follower.end();
      throw error;
    }
  },

  async StreamBusiness(call) {
    const { scope, query } = call;
    const { Since, LastEventId, ...filter } = query;
    const masking = maskingOf(ctx.secrets, scope);
    const since = instantOrNull(Since);
    const options = { filter: filterFromWire(filter), ...(since !== null && { since }) };
    const { follower, position } = await ctx.streams.follow(call, {
      conversationId: null,
      ...options,
    });
    try {
      const ids = [String(scope.businessId)];
      await auditRead(ctx, scope, { operation: 'StreamBusiness', kind: 'Business', ids });
      const from = await beginningOf(ctx, scope, { since, lastEventId: LastEventId ?? null });
      const { cursor, isReset } = from;
      return opened(follower, async (sink) => {
        const sender = senderOf(ctx, scope, masking, { sink, cursor });
        follower.open({ sink, sender, reached: cursor.place.position });
        sink.write(retryLine());
        // Without data this is no event; a client that loses the connection now resumes from here.
        if (isReset) sink.write(resetBlock());
        else sink.write(`id: ${sender.id}\n\n`);
        await readBacklog(ctx, scope, { follower, sender, sink, cursor, until: position });
        follower.continue(Math.max(position, cursor.place.position));
      });
    } catch (error) {
      follower.end();
      throw error;
    }
  },
});

/** Runs after the headers are sent, so a failure can only end the connection. */
const opened = (follower: Follower, run: (sink: EventSink) => Promise<void>): Events => ({
  events: (sink) => {
    sink.onClose(() => follower.end());
    run(sink).catch(() => {
      sink.end();
      follower.end();
    });
  },
});

interface Beginning {
  readonly cursor: Cursor;
  readonly isReset: boolean;
}

/** null: the client has everything, and there will be no more. */
function beginningIn(history: History, lastEventId: string | undefined): Beginning | null {
  if (lastEventId === undefined) return { cursor: BEGINNING, isReset: false };
  const cursor = parseId(lastEventId);
  const isKnown =
    cursor !== null &&
    (!isAfter(cursor.place, START) || history.positions.has(cursor.place.position));
  if (!isKnown) return { cursor: BEGINNING, isReset: true };
  const isOver = history.isSealed && !isAfter(history.end, cursor.place);
  return isOver ? null : { cursor, isReset: false };
}

/** A client that begins needs not be told that something was replaced before. */
function itemsAfter({ items }: History, { place, held }: Cursor): readonly Item[] {
  const isFirst = !isAfter(place, START);
  return items.filter((item) => {
    if (isFirst) return item.content.kind !== 'ConversationReplaced';
    return isAfter(item.place, place) || held.some((one) => isSame(one, item.place));
  });
}

const isSame = (a: Place, b: Place) => a.position === b.position && a.index === b.index;

async function beginningOf(
  { db }: StreamContext,
  scope: Scope,
  { since, lastEventId }: { readonly since: number | null; readonly lastEventId: string | null },
): Promise<Beginning> {
  await numberBusiness(db, scope.businessId);
  const { last, removedTo } = await findRange(db, scope);
  const everything = async () =>
    since === null ? removedTo : await findPositionBefore(db, scope, since);
  const from = async (isReset: boolean) => {
    const place = endOfRow(await everything());
    return { cursor: { place, held: [] }, isReset };
  };
  if (lastEventId === null) {
    if (since !== null) return from(false);
    return { cursor: { place: endOfRow(last), held: [] }, isReset: false };
  }
  const cursor = parseId(lastEventId);
  if (!cursor) return from(true);
  if (!isAfter(cursor.place, START)) return from(false);
  const { place, held } = cursor;
  const first = held[0]?.position ?? place.position;
  const isComplete = isAfter(place, endOfRow(removedTo)) || isSame(place, endOfRow(removedTo));
  const isKnown = isComplete && first >= removedTo && place.position <= last;
  return isKnown ? { cursor, isReset: false } : from(true);
}

function senderOf(
  ctx: StreamContext,
  scope: Scope,
  masking: Masking | null,
  { sink, cursor }: { readonly sink: EventSink; readonly cursor: Cursor },
): Sender {
  if (!masking) return new PlainSender(sink, cursor.place);
  return new MaskedSender({
    sink,
    masking,
    cursor,
    now: () => ctx.clock.now(),
    load: (id) => loadHistory(ctx, scope, id, { masking }),
    onError: (error) => {
      ctx.log.warn({ err: error }, 'a stream could not be masked; the client will resume');
      sink.end();
    },
  });
}

const retryLine = () =>
  `retry: ${Math.round(MIN_RETRY_MILLISECONDS + Math.random() * RETRY_SPREAD_MILLISECONDS)}\n\n`;

const resetBlock = () => renderBlock('reset', { Reason: 'UnknownEventId' }, `0.${START.index}`);
