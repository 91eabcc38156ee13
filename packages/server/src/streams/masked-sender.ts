import { setImmediate } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import type { EventSink } from '../access/authorization/call.ts';
import type { Message } from '../conversations/model/conversation.ts';
import type { SingleEvent } from '../conversations/model/event-to-wire.ts';
import { Fault } from '../kernel/fault.ts';
import type { Masking } from '../redaction/mask.ts';
import type { History } from './history.ts';
import { type Item, isSent, renderItem } from './item.ts';
import { MaskedConversation } from './masked-conversation.ts';
import { type Cursor, endOfRow, formatId, isAfter, type Place } from './place.ts';
import type { Sender } from './sender.ts';
import { endsInNumber, HOLD_MILLISECONDS } from './split-messages.ts';

const ITEMS_IN_TURN = 100;
/** Others are loaded again with their next event. */
const MAX_CONVERSATIONS = 500;

interface Held {
  readonly item: Item;
  readonly original: Message;
  readonly conversation: MaskedConversation;
}

export interface MaskedSenderParts {
  readonly sink: EventSink;
  readonly masking: Masking;
  readonly cursor: Cursor;
  now(): number;
  /** Masked, with all events so far. */
  load(conversationId: string): Promise<History>;
  onError(error: unknown): void;
}

/**
 * Masks each message next to those around it. A message that ends in a number is held back until the
 * same sender continues, because both together may be a number to mask.
 */
export class MaskedSender implements Sender {
  readonly #parts: MaskedSenderParts;
  readonly #conversations = new LRUCache<string, MaskedConversation>({ max: MAX_CONVERSATIONS });
  #held: Held[] = [];
  #place: Place;
  #work: Promise<void> = Promise.resolve();

  constructor(parts: MaskedSenderParts) {
    this.#parts = parts;
    this.#place = parts.cursor.place;
  }

  get id(): string {
    return formatId({ place: this.#place, held: this.#heldPlaces() });
  }

  /** Saves loading the conversation. */
  begin(conversationId: string, history: History): void {
    this.#conversations.set(conversationId, new MaskedConversation(history, this.#parts.masking));
  }

  send(items: readonly Item[]): void {
    this.#then(async () => {
      for (const [at, item] of items.entries()) {
        if (at % ITEMS_IN_TURN === ITEMS_IN_TURN - 1) await setImmediate();
        await this.#take(item);
      }
    });
  }

  /** An item that does not match a filter: the next one is masked beside it, too. */
  skip({ conversationId }: Item): void {
    this.#then(async () => void this.#conversations.delete(conversationId));
  }

  pass(position: number): void {
    this.#then(async () => this.#move(endOfRow(position)));
  }

  tick(): void {
    const { now } = this.#parts;
    if (this.#held.some((held) => isDue(held, now()))) {
      this.#then(async () => this.#release((held) => isDue(held, now())));
    }
  }

  settled(): Promise<void> {
    return this.#work;
  }

  finish(): Promise<void> {
    this.#then(async () => this.#release(() => true));
    return this.#work;
  }

  #then(work: () => Promise<void>): void {
    this.#work = this.#work.then(work).catch((error) => this.#parts.onError(error));
  }

  async #take(item: Item): Promise<void> {
    const { conversationId, content } = item;
    if (content.kind !== 'event') {
      this.#release(({ item: held }) => held.conversationId === conversationId);
      if (content.kind !== 'RecordingReady') this.#conversations.delete(conversationId);
      if (isSent(item)) this.#emit(named(item, this.#parts.masking));
      else this.#move(item.place);
      return;
    }
    const conversation = await this.#conversationOf(item);
    const shown = conversation?.show(item, content.event);
    if (!conversation || !shown) return this.#move(item.place);
    const { original } = shown;
    if (original) this.#releaseBefore(original, conversation);
    const isHeld = original !== null && endsInNumber(original.content);
    if (isHeld && !isDue({ item }, this.#parts.now())) {
      this.#move(item.place);
      this.#held.push({ item: shown.item, original, conversation });
    } else this.#emit(shown.item);
  }

  /** null if the conversation is gone. */
  async #conversationOf(item: Item): Promise<MaskedConversation | null> {
    const { conversationId, isDerived, place } = item;
    const known = this.#conversations.get(conversationId);
    if (known && (!isDerived || place.position <= known.reached)) return known;
    try {
      const history = await this.#parts.load(conversationId);
      this.begin(conversationId, history);
      return this.#conversations.get(conversationId) ?? null;
    } catch (error) {
      if (error instanceof Fault && ['GONE', 'NOT_FOUND'].includes(error.code)) return null;
      throw error;
    }
  }

  /** Unless the number continues: then they stay held, at most for their time. */
  #releaseBefore(next: Message, conversation: MaskedConversation): void {
    const goesOn = endsInNumber(next.content);
    this.#release((held) => {
      const isOfSender =
        held.conversation === conversation && held.original.senderId === next.senderId;
      if (!isOfSender) return false;
      return !goesOn || !endsInNumber(contentOf(conversation.showAgain(held.item, held.original)));
    });
  }

  #release(isReleased: (held: Held) => boolean): void {
    const released = this.#held.filter(isReleased);
    if (released.length === 0) return;
    for (const held of released) {
      this.#held = this.#held.filter((other) => other !== held);
      this.#emit(held.conversation.showAgain(held.item, held.original));
    }
  }

  #emit(item: Item): void {
    const { sink, masking } = this.#parts;
    const isLate = !isAfter(item.place, this.#place);
    this.#move(item.place);
    const cursor = { place: this.#place, held: this.#heldPlaces() };
    const id = formatId(cursor, isLate ? item.place : null);
    sink.write(renderItem(item, masking.showId(item.conversationId), id));
  }

  #heldPlaces = () => this.#held.map(({ item }) => item.place);

  #move(place: Place): void {
    if (isAfter(place, this.#place)) this.#place = place;
  }
}

/** Recordings name their participant. */
function named(item: Item, masking: Masking): Item {
  const { content } = item;
  if (content.kind !== 'RecordingReady' || content.participantId === '_mixed') return item;
  const participantId = masking.tokenOf(content.participantId);
  return { ...item, content: { ...content, participantId } };
}

const isDue = ({ item }: Pick<Held, 'item'>, now: number) => now >= item.at + HOLD_MILLISECONDS;

function contentOf({ content }: Item): string {
  const isMessage = content.kind === 'event' && content.event.type === 'message';
  return isMessage ? (content.event as SingleEvent & { message: Message }).message.content : '';
}
