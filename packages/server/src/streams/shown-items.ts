import { type MaskedTranscript, maskEvent } from '../conversations/masking/mask-event.ts';
import type { SingleEvent } from '../conversations/model/event-to-wire.ts';
import type { Masking } from '../redaction/mask.ts';
import type { Item } from './item.ts';
import { MAX_RECENT } from './split-messages.ts';

/** An event before masking. */
export interface Original {
  readonly event: SingleEvent;
}

export interface ShownItems {
  readonly items: readonly Item[];
  readonly originals: ReadonlyMap<Item, Original>;
}

/** The items of a live conversation as a reader of masked data sees them. */
export function maskItems(
  items: readonly Item[],
  transcript: MaskedTranscript,
  masking: Masking,
): ShownItems {
  const originals = new Map<Item, Original>();
  const shown = items.map((item): Item => {
    const { content } = item;
    if (content.kind !== 'event') return item;
    const event = maskEvent(content.event, transcript, masking);
    const masked = { ...item, content: { kind: 'event', event } } as const;
    originals.set(masked, content);
    return masked;
  });
  return { items: shown, originals };
}

/** The last messages and logs, which may have parts of a number that continues. */
export function recentOf<T extends Original>(originals: readonly T[]): T[] {
  const last = (type: 'message' | 'log') =>
    originals.filter(({ event }) => event.type === type).slice(-MAX_RECENT);
  return [...last('message'), ...last('log')];
}
