import { setImmediate } from 'node:timers/promises';
import type { Scope } from '../access/authorization/scope.ts';
import type { LoggedChange } from '../changes/change.ts';
import type { Context } from '../context.ts';
import type { SingleEvent } from '../conversations/model/event-to-wire.ts';
import type { PresentConversation } from '../conversations/store.ts';
import {
  bytesInTurns,
  bytesOf,
  type StoredText,
  type TextBytes,
} from '../kernel/threads/text-bytes.ts';
import { threadTask } from '../kernel/threads/threads.ts';
import type { Masking } from '../redaction/mask.ts';
import { findStoredSpans } from '../redaction/store.ts';
import type { LoggedConversation } from './history-items.ts';
import type { Content, Item } from './item.ts';
import type { ItemColumns, LargeHistoryInput, MaskingInput } from './large-history.thread.ts';
import type { Original, ShownItems } from './shown-items.ts';
import { type TextList, textAt } from './text-list.ts';

const LOAD = threadTask<typeof import('./large-history.thread.ts').default>(
  new URL('./large-history.thread.ts', import.meta.url),
);

type LargeContext = Pick<Context, 'db' | 'threads' | 'secrets' | 'clock'>;
type Document = Extract<PresentConversation, { readonly kind: 'sealed' }>;

export interface LargeHistory {
  readonly logged: LoggedConversation;
  readonly stored: LargeConversation;
  readonly masking: Masking | null;
}

/** A conversation whose texts may be bytes. */
export type LargeConversation =
  | (Pick<Document, 'kind' | 'head'> & { readonly messages: StoredText; readonly logs: StoredText })
  | { readonly kind: 'live'; readonly events: StoredText };

/** Parses, orders and masks in a thread. Each event is parsed when it is sent. */
export async function loadLarge(
  ctx: LargeContext,
  scope: Scope,
  { logged, stored, masking }: LargeHistory,
): Promise<ShownItems & { readonly recent: readonly Original[] }> {
  const { id, rows, later, recordings } = logged;
  const input: LargeHistoryInput = {
    id,
    recordings,
    now: ctx.clock.now(),
    rows: await rowBytes(rows),
    later: await rowBytes(later),
    stored: await textsOf(stored),
    masking: masking && (await maskingInput(ctx, scope, { id, stored, masking })),
  };
  const transfer = [...input.rows, ...input.later, ...buffersIn(input.stored)];
  if (input.masking?.found) transfer.push(...buffersIn(input.masking.found));
  const loaded = await ctx.threads.run(LOAD, input, { transfer });
  const items = await itemsFrom(loaded.columns, id, masking);
  const originals = new Map<Item, Original>();
  for (const [at, itemAt] of loaded.originalItems.entries()) {
    const item = items[itemAt];
    if (item) originals.set(item, new LazyOriginal(loaded.originals, at));
  }
  const inOrder = [...originals.values()];
  return { items, originals, recent: loaded.recent.flatMap((at) => inOrder[at] ?? []) };
}

const ROWS_IN_TURN = 1_000;

async function rowBytes(rows: readonly LoggedChange[]): Promise<TextBytes[]> {
  const parts: TextBytes[] = [];
  for (let at = 0; at < rows.length; at += ROWS_IN_TURN) {
    const part = rows.slice(at, at + ROWS_IN_TURN).map(({ eventIds: _, ...row }) => row);
    parts.push(bytesOf(JSON.stringify(part)));
    await setImmediate();
  }
  return parts;
}

async function textsOf(stored: LargeConversation): Promise<LargeHistoryInput['stored']> {
  if (stored.kind === 'live') return { events: await bytesInTurns(stored.events) };
  return documentBytes(stored);
}

async function documentBytes<T extends { head: string; messages: StoredText; logs: StoredText }>({
  head,
  messages,
  logs,
}: T) {
  return { head, messages: await bytesInTurns(messages), logs: await bytesInTurns(logs) };
}

const buffersIn = (texts: LargeHistoryInput['stored']) =>
  'events' in texts ? [texts.events] : [texts.messages, texts.logs];

async function maskingInput(
  { db, secrets }: LargeContext,
  scope: Scope,
  {
    id,
    stored,
    masking,
  }: { readonly id: string } & Pick<LargeHistory, 'stored'> & {
      readonly masking: Masking;
    },
): Promise<MaskingInput> {
  const { country } = masking;
  const isSealed = stored.kind === 'sealed';
  const spans = isSealed ? (await findStoredSpans(db, scope, [id], country)).get(id) : undefined;
  return {
    categories: [...masking.categories],
    country,
    tokenKey: secrets.keyOf('participant'),
    businessId: scope.businessId,
    found: spans?.found ? await documentBytes(spans.found) : null,
    added: spans?.added ?? '[]',
  };
}

const ITEMS_IN_TURN = 10_000;

async function itemsFrom(columns: ItemColumns, id: string, masking: Masking | null) {
  const { positions, indexes, times, derived, events, texts } = columns;
  const items: Item[] = [];
  for (const [at, position] of positions.entries()) {
    if (at % ITEMS_IN_TURN === ITEMS_IN_TURN - 1) await setImmediate();
    items.push({
      place: { position, index: indexes[at] ?? 0 },
      conversationId: id,
      at: times[at] ?? 0,
      isDerived: derived[at] === 1,
      content:
        events[at] === 1
          ? new LazyEvent(texts, at, masking)
          : (JSON.parse(textAt(texts, at)) as Content),
    });
  }
  return items;
}

/** Not kept: parsed events need several times the memory of their texts. */
class LazyEvent {
  readonly kind = 'event';
  readonly #texts: TextList;
  readonly #at: number;
  readonly #masking: Masking | null;

  constructor(texts: TextList, at: number, masking: Masking | null) {
    this.#texts = texts;
    this.#at = at;
    this.#masking = masking;
  }

  get event(): SingleEvent {
    const event: SingleEvent = JSON.parse(textAt(this.#texts, this.#at));
    return this.#masking ? withShownIds(event, this.#masking) : event;
  }
}

function withShownIds(event: SingleEvent, masking: Masking): SingleEvent {
  const eventId = masking.showId(event.eventId);
  if (event.type !== 'started') return { ...event, eventId };
  return { ...event, eventId, queueId: event.queueId && masking.showId(event.queueId) };
}

/** Always the same object, because messages are masked by their identity. */
class LazyOriginal implements Original {
  readonly #texts: TextList;
  readonly #at: number;
  #event: SingleEvent | null = null;

  constructor(texts: TextList, at: number) {
    this.#texts = texts;
    this.#at = at;
  }

  get event(): SingleEvent {
    this.#event ??= JSON.parse(textAt(this.#texts, this.#at)) as SingleEvent;
    return this.#event;
  }
}
