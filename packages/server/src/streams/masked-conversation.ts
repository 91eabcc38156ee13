import {
  type MaskedTranscript,
  maskEvent,
  maskRecent,
} from '../conversations/masking/mask-event.ts';
import type { Log, Message } from '../conversations/model/conversation.ts';
import type { SingleEvent } from '../conversations/model/event-to-wire.ts';
import { inTimeOrder } from '../conversations/model/reduce.ts';
import type { Masking } from '../redaction/mask.ts';
import type { History } from './history.ts';
import type { Item } from './item.ts';
import type { Original } from './shown-items.ts';
import { MAX_RECENT } from './split-messages.ts';

interface Shown {
  readonly item: Item;
  /** Of a message of a live conversation. */
  readonly original: Message | null;
}

const keyOf = ({ place }: Item) => `${place.position}.${place.index}`;

/** What a masked stream knows of a live conversation: what was masked together, and the last items. */
export class MaskedConversation {
  readonly reached: number;
  readonly #masking: Masking;
  /** Until `reached`; deleted as they are shown. */
  readonly #shown: Map<string, { readonly item: Item; readonly original: Original | undefined }>;
  #messages: readonly Message[];
  #logs: readonly Log[];

  constructor({ items, originals, recent, reached }: History, masking: Masking) {
    this.#masking = masking;
    this.reached = reached;
    this.#shown = new Map(
      items.map((item) => [keyOf(item), { item, original: originals.get(item) }]),
    );
    this.#messages = recent.flatMap(({ event }) => messageOf(event) ?? []);
    this.#logs = recent.flatMap(({ event }) => (event.type === 'log' ? [event.log] : []));
  }

  /** null if the event is no longer there. */
  show(item: Item, event: SingleEvent): Shown | null {
    if (item.place.position <= this.reached) {
      const shown = this.#shown.get(keyOf(item));
      this.#shown.delete(keyOf(item));
      return shown ? { item: shown.item, original: messageOf(shown.original?.event) } : null;
    }
    this.#shown.clear();
    if (event.type === 'message') {
      this.#messages = [...this.#messages, event.message].slice(-MAX_RECENT);
    }
    if (event.type === 'log') this.#logs = [...this.#logs, event.log].slice(-MAX_RECENT);
    const isText = event.type === 'message' || event.type === 'log';
    const masked = maskEvent(event, isText ? this.#transcript() : NOTHING, this.#masking);
    const original = messageOf(event);
    return { item: { ...item, content: { kind: 'event', event: masked } }, original };
  }

  /** A held message, next to what came after it. */
  showAgain(item: Item, original: Message): Item {
    const { content } = item;
    if (content.kind !== 'event' || content.event.type !== 'message') return item;
    const message = this.#transcript().messages.get(original);
    if (!message) return item;
    return { ...item, content: { kind: 'event', event: { ...content.event, message } } };
  }

  #transcript(): MaskedTranscript {
    const recent = { messages: inTimeOrder(this.#messages), logs: inTimeOrder(this.#logs) };
    return maskRecent(recent, this.#masking);
  }
}

const messageOf = (event: SingleEvent | undefined): Message | null =>
  event?.type === 'message' ? event.message : null;

const NOTHING: MaskedTranscript = { messages: new Map(), logs: new Map() };
