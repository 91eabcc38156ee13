import { LRUCache } from 'lru-cache';
import type { Scope } from '../access/authorization/scope.ts';
import { type LoggedChange, subjectOf } from '../changes/change.ts';
import { eventLetters } from '../conversations/model/event-letters.ts';
import { findEvents } from '../conversations/read/events-store.ts';
import { Fault } from '../kernel/fault.ts';
import { type History, type HistoryContext, loadHistory } from './history.ts';
import { contentOfRow } from './history-items.ts';
import type { Item } from './item.ts';

const MAX_HISTORIES = 100;
const MAX_CHARACTERS = 32 * 1024 * 1024;

/** Conversations whose events are not stored one by one any more. */
export class Histories {
  readonly #ctx: HistoryContext;
  readonly #scope: Scope;
  readonly #loaded = new LRUCache<string, History>({
    max: MAX_HISTORIES,
    maxSize: MAX_CHARACTERS,
    sizeCalculation: ({ characters }) => characters + 1,
  });
  /** Kept although it may be too large, because rows of a conversation often follow each other. */
  #last: { readonly id: string; readonly history: History } | null = null;

  constructor(ctx: HistoryContext, scope: Scope) {
    this.#ctx = ctx;
    this.#scope = scope;
  }

  /** An erased conversation must not stay in memory. */
  forget(id: string): void {
    this.#loaded.delete(id);
    if (this.#last?.id === id) this.#last = null;
  }

  /** With all events up to the position; null if the conversation is gone. */
  async find(id: string, position: number): Promise<History | null> {
    const known = this.#last?.id === id ? this.#last.history : this.#loaded.get(id);
    if (known && known.reached >= position) return known;
    try {
      const history = await loadHistory(this.#ctx, this.#scope, id, { masking: null });
      this.#loaded.set(id, history);
      this.#last = { id, history };
      return history;
    } catch (error) {
      if (error instanceof Fault && (error.code === 'GONE' || error.code === 'NOT_FOUND')) {
        return null;
      }
      throw error;
    }
  }
}

const CALLS = /^Call/;

/** What streams send for the rows, in their order. Content that was replaced or deleted since is left out. */
export async function expandRows(
  { db, secrets }: HistoryContext,
  scope: Scope,
  rows: readonly LoggedChange[],
  histories: Histories,
): Promise<Item[]> {
  const appends = rows.filter(({ eventIds }) => eventIds !== undefined);
  const wanted = appends.map(({ subjectId: id, firstSeq = 1, eventIds = [] }) => ({
    id,
    firstSeq,
    eventIds,
  }));
  const found = await findEvents(db, scope, wanted);
  const stored = new Map(appends.map((row, at) => [row, found[at] ?? []]));
  const items: Item[] = [];
  for (const row of rows) {
    if (CALLS.test(row.kind)) continue;
    const id = subjectOf(secrets, row);
    const own = { conversationId: id, at: row.at };
    if (row.kind === 'ConversationErased') histories.forget(id);
    const events = stored.get(row);
    if (events && eventLetters(events) === row.eventTypes) {
      for (const [index, event] of events.entries()) {
        if (event.type === 'written') continue;
        const place = { position: row.position, index };
        items.push({ ...own, place, content: { kind: 'event', event }, isDerived: false });
      }
    } else if (!events && DIRECT.has(row.kind)) {
      const place = { position: row.position, index: 0 };
      for (const content of contentOfRow(row, [])) {
        items.push({ ...own, place, content, isDerived: true });
      }
    } else {
      const history = await histories.find(id, row.position);
      items.push(...(history?.items ?? []).filter(({ place }) => place.position === row.position));
    }
  }
  return items;
}

/** Need no look at the conversation. */
const DIRECT: ReadonlySet<string> = new Set([
  'ConversationSealed',
  'ConversationErased',
  'ConversationPurged',
]);
