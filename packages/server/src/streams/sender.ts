import { setImmediate } from 'node:timers/promises';
import type { EventSink } from '../access/authorization/call.ts';
import { type Item, isSent, renderItem } from './item.ts';
import { endOfRow, formatId, isAfter, type Place } from './place.ts';

/** Writes items as a reader may see them. */
export interface Sender {
  send(items: readonly Item[]): void;
  /** The reader has a filter that leaves the item out. */
  skip(item: Item): void;
  /** Everything up to the position is sent or held back. */
  pass(position: number): void;
  /** The id after which a client can resume now. */
  readonly id: string;
  tick(): void;
  /** Resolves when all that was given is written or held back. */
  settled(): Promise<void>;
  /** Sends what is held back; resolves when all is written. */
  finish(): Promise<void>;
}

/** Readers of originals share the bytes of an item. */
const rendered = new WeakMap<Item, Buffer>();

function bytesOf(item: Item): Buffer {
  const known = rendered.get(item);
  if (known) return known;
  const id = formatId({ place: item.place, held: [] });
  const bytes = Buffer.from(renderItem(item, item.conversationId, id));
  rendered.set(item, bytes);
  return bytes;
}

const ITEMS_IN_TURN = 100;

/** Before many items are given to senders, so rendering them does not block others. */
export async function renderInTurns(items: readonly Item[]): Promise<void> {
  if (items.length < ITEMS_IN_TURN) return;
  for (const [at, item] of items.entries()) {
    if (at % ITEMS_IN_TURN === ITEMS_IN_TURN - 1) await setImmediate();
    if (isSent(item)) bytesOf(item);
  }
}

export class PlainSender implements Sender {
  readonly #sink: EventSink;
  #place: Place;

  constructor(sink: EventSink, place: Place) {
    this.#sink = sink;
    this.#place = place;
  }

  get id(): string {
    return formatId({ place: this.#place, held: [] });
  }

  send(items: readonly Item[]): void {
    const blocks = items.filter(isSent).map(bytesOf);
    const [first] = blocks;
    // A write for each event would take most of the time of a busy business.
    if (first) this.#sink.write(blocks.length === 1 ? first : Buffer.concat(blocks));
    for (const { place } of items) this.#move(place);
  }

  pass(position: number): void {
    this.#move(endOfRow(position));
  }

  skip(): void {}

  tick(): void {}

  settled(): Promise<void> {
    return Promise.resolve();
  }

  finish(): Promise<void> {
    return Promise.resolve();
  }

  #move(place: Place): void {
    if (isAfter(place, this.#place)) this.#place = place;
  }
}

const PART = 100;

/** With pauses for other requests, and for the client. */
export async function sendInParts(sink: EventSink, sender: Sender, items: readonly Item[]) {
  for (let at = 0; at < items.length && sink.isOpen; at += PART) {
    if (at > 0) await setImmediate();
    sender.send(items.slice(at, at + PART));
    await sender.settled();
    await sink.drained();
  }
}
