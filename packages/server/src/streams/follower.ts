import type { EventSink } from '../access/authorization/call.ts';
import type { FilteredFacts } from '../conversations/read/events-store.ts';
import type { Filter } from '../conversations/read/list-plan.ts';
import type { Batch, HubFollower } from './hub.ts';
import { type Item, renderBlock } from './item.ts';
import { endOfRow, formatId } from './place.ts';
import type { Sender } from './sender.ts';

/** Of batches that arrive while a stream reads what was before them. */
const MAX_PENDING = 20_000;
const NO_FILTER: Filter = {};

interface Opened {
  readonly sink: EventSink;
  readonly sender: Sender;
  /** Everything up to here is sent. */
  readonly reached: number;
}

export interface FollowerOptions {
  readonly conversationId: string | null;
  readonly filter?: Filter;
  /** Earlier changes are left out, although their rows come later. */
  readonly since?: number;
  readonly onRemove: (follower: Follower) => void;
}

/** One stream. It gets batches from the start, and sends them after what was before. */
export class Follower implements HubFollower {
  readonly conversationId: string | null;
  readonly #filter: Filter;
  readonly #since: number;
  readonly #onRemove: (follower: Follower) => void;
  #pending: Batch[] | null = [];
  #pendingItems = 0;
  #opened: Opened | null = null;
  #isOver = false;

  constructor(options: FollowerOptions) {
    this.conversationId = options.conversationId;
    this.#filter = options.filter ?? NO_FILTER;
    this.#since = options.since ?? Number.NEGATIVE_INFINITY;
    this.#onRemove = options.onRemove;
  }

  get needsFacts(): boolean {
    return Object.keys(this.#filter).length > 0;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  deliver(batch: Batch): void {
    if (this.#opened && this.#pending === null) {
      this.#send(batch, this.#opened);
      return;
    }
    this.#pendingItems += batch.items.length;
    this.#pending?.push(batch);
    // It resumes after what it has received.
    if (this.#pendingItems > MAX_PENDING) this.end();
  }

  /** For what was before the first batch. */
  open(opened: Opened): void {
    // Access was revoked, or the server stops, while the history was read.
    if (this.#isOver) {
      opened.sink.end();
      return;
    }
    this.#opened = opened;
    opened.sink.onClose(() => this.#remove());
  }

  /** The batches that have arrived meanwhile follow. */
  continue(reached: number): void {
    if (!this.#opened || this.#isOver) return;
    this.#opened = { ...this.#opened, reached };
    const pending = this.#pending ?? [];
    this.#pending = null;
    for (const batch of pending) this.#send(batch, this.#opened);
  }

  #send({ items, facts, position }: Batch, { sender, reached }: Opened): void {
    if (this.#isOver || position <= reached) return;
    const wanted = items.filter((item) => item.place.position > reached);
    const chosen = this.chosen(wanted, facts);
    if (chosen.length < wanted.length) {
      for (const item of wanted) if (!chosen.includes(item)) sender.skip(item);
    }
    sender.send(chosen);
    if (this.conversationId === null) sender.pass(position);
    else this.#endIfOver(wanted);
  }

  chosen(items: readonly Item[], facts: Batch['facts']): readonly Item[] {
    if (this.#since === Number.NEGATIVE_INFINITY && !this.needsFacts) return items;
    return items.filter((item) => item.at >= this.#since && this.#matches(item, facts));
  }

  #matches({ content, conversationId }: Item, facts: Batch['facts']): boolean {
    // Readers must learn what to forget.
    if (!this.needsFacts || content.kind === 'ConversationErased') return true;
    const found = facts.get(conversationId);
    return found !== undefined && matches(this.#filter, found);
  }

  #endIfOver(items: readonly Item[]): void {
    const last = items.findLast(({ content }) => ENDS.has(content.kind));
    if (!last) return;
    if (last.content.kind === 'Sealed') this.finish(last.place.position);
    else this.#finishWith(null);
  }

  /** Sends `end`, after which a client that resumes gets a 204. */
  finish(position: number): void {
    this.#finishWith(position);
  }

  #finishWith(position: number | null): void {
    const opened = this.#opened;
    if (!opened || this.#isOver) return;
    const { sink, sender } = opened;
    this.#isOver = true;
    void sender.finish().then(() => {
      const id = position === null ? null : formatId({ place: endOfRow(position), held: [] });
      if (id !== null) sink.write(renderBlock('end', { Reason: 'Sealed' }, id));
      sink.end();
      this.#onRemove(this);
    });
  }

  /** Ends the connection; the client can resume. */
  end(): void {
    this.#opened?.sink.end();
    this.#remove();
  }

  tick(): void {
    if (!this.#isOver) this.#opened?.sender.tick();
  }

  /** Proves to proxies and clients that the stream is alive. */
  beat(): void {
    if (!this.#opened || this.#isOver) return;
    const { sink, sender } = this.#opened;
    const id = this.conversationId === null && this.#pending === null ? `id: ${sender.id}\n` : '';
    sink.write(`: still here\n${id}\n`);
  }

  #remove(): void {
    this.#isOver = true;
    this.#pending = null;
    this.#onRemove(this);
  }
}

const ENDS: ReadonlySet<string> = new Set(['Sealed', 'ConversationErased']);

function matches(filter: Filter, facts: FilteredFacts): boolean {
  const { from, to, statuses, initiationTypes, endTypes, durationClasses } = filter;
  const isOneOf = <T>(allowed: readonly T[] | undefined, value: T | null) =>
    allowed === undefined || (value !== null && allowed.includes(value));
  return (
    (from === undefined || facts.startTime >= from) &&
    (to === undefined || facts.startTime <= to) &&
    isOneOf(statuses, facts.status) &&
    isOneOf(initiationTypes, facts.initiationType) &&
    isOneOf(endTypes, facts.endType) &&
    isOneOf(durationClasses, facts.durationClass)
  );
}
