import type { LoggedChange } from '../changes/change.ts';
import { conversationOf } from '../conversations/from-wire.ts';
import { findAllSpans } from '../conversations/masking/find-spans.ts';
import { maskFound } from '../conversations/masking/mask-document.ts';
import { maskRecent } from '../conversations/masking/mask-event.ts';
import type { Conversation } from '../conversations/model/conversation.ts';
import type { RecordingCopy, TranscriptBytes } from '../conversations/model/document.ts';
import { reduceEvents } from '../conversations/model/reduce.ts';
import { parseEvents } from '../conversations/model/stored-events.ts';
import { moved } from '../kernel/threads/moved.ts';
import { type TextBytes, textOf } from '../kernel/threads/text-bytes.ts';
import type { Masking } from '../redaction/mask.ts';
import { parseSpans } from '../redaction/spans.ts';
import { tokenMaker } from '../redaction/text/tokens.ts';
import { itemsOfLive, itemsOfSealed } from './history-items.ts';
import type { Item } from './item.ts';
import { maskItems, type Original, recentOf, type ShownItems } from './shown-items.ts';
import { HOLD_MILLISECONDS } from './split-messages.ts';
import { buffersOf, type TextList, textListOf } from './text-list.ts';

interface Document extends TranscriptBytes {
  readonly head: string;
}

export interface MaskingInput {
  readonly categories: readonly string[];
  readonly country: string | null;
  /** A derived key, not the secret itself. */
  readonly tokenKey: string;
  readonly businessId: number;
  /** Of a sealed conversation; null: search first. */
  readonly found: Document | null;
  readonly added: string;
}

export interface LargeHistoryInput {
  readonly id: string;
  /** JSON of arrays of rows. */
  readonly rows: readonly TextBytes[];
  readonly later: readonly TextBytes[];
  readonly recordings: readonly RecordingCopy[];
  readonly stored: Document | { readonly events: TextBytes };
  readonly masking: MaskingInput | null;
  readonly now: number;
}

/** Columns, because cloning an object per item would block the event loop. */
export interface ItemColumns {
  readonly positions: Float64Array<ArrayBuffer>;
  readonly indexes: Float64Array<ArrayBuffer>;
  readonly times: Float64Array<ArrayBuffer>;
  /** 1 for derived items. */
  readonly derived: Uint8Array<ArrayBuffer>;
  /** 1 for events, whose text is the event; others have their whole content. */
  readonly events: Uint8Array<ArrayBuffer>;
  readonly texts: TextList;
}

const rowsOf = (parts: readonly TextBytes[]) =>
  parts.flatMap((part): LoggedChange[] => JSON.parse(textOf(part)));

export default function loadInThread(input: LargeHistoryInput) {
  const { items, originals } = shownItems(input);
  const columns = columnsOf(items);
  const recent = recentOf([...originals.values()]);
  const kept = neededOf(items, originals, { now: input.now, recent: new Set(recent) });
  const output = {
    columns,
    originals: textListOf(kept.map(([, { event }]) => JSON.stringify(event))),
    /** The numbers of their items. */
    originalItems: new Float64Array(kept.map(([at]) => at)),
    /** Which of the originals are the last ones. */
    recent: kept.flatMap(([, original], at) => (recent.includes(original) ? [at] : [])),
  };
  const { positions, indexes, times, derived, events, texts } = columns;
  return moved(output, [
    ...[positions, indexes, times, derived, events].map(({ buffer }) => buffer),
    ...buffersOf(texts),
    ...buffersOf(output.originals),
    output.originalItems.buffer,
  ]);
}

function shownItems({ id, stored, recordings, ...input }: LargeHistoryInput): ShownItems {
  const logged = { id, rows: rowsOf(input.rows), later: rowsOf(input.later), recordings };
  const masking = input.masking && maskingFrom(input.masking);
  if ('events' in stored) {
    const events = parseEvents(textOf(stored.events));
    const items = itemsOfLive(logged, events);
    if (!masking || events.length === 0) return { items, originals: new Map() };
    const { messages, logs } = reduceEvents(id, events);
    return maskItems(items, maskRecent({ messages, logs }, masking), masking);
  }
  const document = { ...stored, messages: textOf(stored.messages), logs: textOf(stored.logs) };
  const conversation = conversationOf(document);
  const shown =
    masking && input.masking ? maskWith(conversation, input.masking, masking) : conversation;
  return { items: itemsOfSealed(logged, shown), originals: new Map() };
}

/** Ids need the secret, so the starter shows them. */
const maskingFrom = ({ categories, country, tokenKey, businessId }: MaskingInput): Masking => ({
  categories: new Set(categories),
  country,
  tokenOf: tokenMaker(tokenKey, businessId),
  showId: (id) => id,
});

function maskWith(
  conversation: Conversation,
  { found, added, country }: MaskingInput,
  masking: Masking,
): Conversation {
  const texts = found && {
    head: found.head,
    messages: textOf(found.messages),
    logs: textOf(found.logs),
  };
  const spans = parseSpans({ found: texts, added });
  const all = spans.found ?? findAllSpans(conversation, country);
  return maskFound(conversation, { found: all, added: spans.added }, masking);
}

/** Messages that may have to be held back, and those that a number may continue from. */
function neededOf(
  items: readonly Item[],
  originals: ShownItems['originals'],
  { now, recent }: { readonly now: number; readonly recent: ReadonlySet<Original> },
): [number, Original][] {
  return items.flatMap((item, at): [number, Original][] => {
    const original = originals.get(item);
    if (!original) return [];
    const mayBeHeld = original.event.type === 'message' && item.at > now - HOLD_MILLISECONDS;
    return mayBeHeld || recent.has(original) ? [[at, original]] : [];
  });
}

function columnsOf(items: readonly Item[]): ItemColumns {
  return {
    positions: Float64Array.from(items, ({ place }) => place.position),
    indexes: Float64Array.from(items, ({ place }) => place.index),
    times: Float64Array.from(items, ({ at }) => at),
    derived: Uint8Array.from(items, ({ isDerived }) => Number(isDerived)),
    events: Uint8Array.from(items, ({ content }) => Number(content.kind === 'event')),
    texts: textListOf(
      items.map(({ content }) =>
        JSON.stringify(content.kind === 'event' ? content.event : content),
      ),
    ),
  };
}
