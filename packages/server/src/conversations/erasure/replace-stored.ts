import { conversationOf } from '../from-wire.ts';
import type { Header } from '../model/conversation.ts';
import { renderHead, renderLogs, renderMessages, type StoredDocument } from '../model/document.ts';
import { reduceHeader } from '../model/reduce.ts';
import { parseEvents, type StoredEvents } from '../model/stored-events.ts';
import { type ContentEdits, type MentionPlace, NumberReplacement } from './replace-number.ts';

export type ReplaceInput =
  | ({ readonly kind: 'sealed' } & StoredDocument)
  | { readonly kind: 'live'; readonly events: StoredEvents };

interface Replaced {
  readonly places: readonly MentionPlace[];
  readonly head: string;
  readonly renamed: readonly (readonly [from: string, to: string])[];
}

export interface ReplacedSealed extends Replaced {
  readonly kind: 'sealed';
  readonly messages: string;
  readonly logs: string;
  readonly messageCount: number;
  readonly logCount: number;
  readonly edits: ContentEdits;
}

export interface ReplacedLive extends Replaced {
  readonly kind: 'live';
  /** Only changed events. */
  readonly events: readonly { readonly eventId: string; readonly payload: string }[];
  /** Growth of the events in bytes. */
  readonly bytes: number;
}

/** Replaces a phone number; null if the conversation does not mention it. Pure: runs in any thread. */
export function replaceInStored(
  id: string,
  stored: ReplaceInput,
  e164: string,
): ReplacedSealed | ReplacedLive | null {
  return stored.kind === 'sealed' ? replaceInSealed(stored, e164) : replaceInLive(id, stored, e164);
}

function replaceInSealed(stored: StoredDocument, e164: string): ReplacedSealed | null {
  const before = conversationOf(stored);
  const replacement = new NumberReplacement(e164, before);
  const { conversation, edits } = replacement.conversation(before);
  const { places, renamed } = replacement;
  if (places.length === 0) return null;
  const { messages, logs } = conversation;
  return {
    ...{ kind: 'sealed', places, renamed, edits },
    head: renderHead(conversation),
    messages: renderMessages(messages),
    logs: renderLogs(logs),
    messageCount: messages.length,
    logCount: logs.length,
  };
}

function replaceInLive(
  id: string,
  stored: { readonly events: StoredEvents },
  e164: string,
): ReplacedLive | null {
  const before = parseEvents(stored.events);
  if (before.length === 0) return null;
  const header: Header = reduceHeader(id, null, before);
  const replacement = new NumberReplacement(e164, header);
  const after = before.map((event) => replacement.event(event));
  const { places, renamed } = replacement;
  if (places.length === 0) return null;
  let bytes = 0;
  const events = after.flatMap((event, at) => {
    const payload = JSON.stringify(event);
    const original = JSON.stringify(before[at]);
    if (payload === original) return [];
    bytes += Buffer.byteLength(payload) - Buffer.byteLength(original);
    return { eventId: event.eventId, payload };
  });
  return {
    kind: 'live',
    places,
    renamed,
    events,
    bytes,
    head: renderHead(reduceHeader(id, null, after)),
  };
}
