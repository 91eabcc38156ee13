import { conversationOf } from '../from-wire.ts';
import { renderDocument, renderHead, type StoredDocument } from '../model/document.ts';
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

export interface ReplacedSealed extends Replaced, StoredDocument {
  readonly kind: 'sealed';
  readonly messageCount: number;
  readonly logCount: number;
  readonly edits: ContentEdits;
}

export interface ReplacedLive extends Replaced {
  readonly kind: 'live';
  /** The changed ones; `seq` is their place, from 1. */
  readonly events: readonly { readonly seq: number; readonly payload: string }[];
  /** How many bytes longer the events are. */
  readonly bytes: number;
}

/** null if the conversation does not mention the number. Runs in any thread. */
export function replaceInStored(id: string, stored: ReplaceInput, e164: string) {
  if (stored.kind === 'sealed') return replaceInSealed(stored, e164);
  return replaceInLive(id, stored.events, e164);
}

function replaceInSealed(stored: StoredDocument, e164: string): ReplacedSealed | null {
  const before = conversationOf(stored);
  const replacement = new NumberReplacement(e164, before);
  const { conversation, edits } = replacement.conversation(before);
  const { places, renamed } = replacement;
  if (places.length === 0) return null;
  return {
    kind: 'sealed',
    places,
    renamed,
    edits,
    ...renderDocument(conversation),
    messageCount: conversation.messages.length,
    logCount: conversation.logs.length,
  };
}

function replaceInLive(id: string, stored: StoredEvents, e164: string): ReplacedLive | null {
  const before = parseEvents(stored);
  if (before.length === 0) return null;
  const replacement = new NumberReplacement(e164, reduceHeader(id, null, before));
  const after = before.map((event) => replacement.event(event));
  const { places, renamed } = replacement;
  if (places.length === 0) return null;
  let bytes = 0;
  const events = after.flatMap((event, at) => {
    const payload = JSON.stringify(event);
    const original = JSON.stringify(before[at]);
    if (payload === original) return [];
    bytes += Buffer.byteLength(payload) - Buffer.byteLength(original);
    return { seq: at + 1, payload };
  });
  const head = renderHead(reduceHeader(id, null, after));
  return { kind: 'live', places, renamed, events, bytes, head };
}
