import type { SingleEvent } from '../conversations/model/event-to-wire.ts';
import { eventToWire } from '../conversations/model/event-to-wire.ts';
import type { PurgedPart } from '../conversations/write/conversation-change.ts';
import { formatInstant } from '../kernel/instant.ts';
import type { Place } from './place.ts';

export type Content =
  | { readonly kind: 'event'; readonly event: SingleEvent }
  | { readonly kind: 'ConversationReplaced' | 'ConversationErased' | 'Sealed' }
  | { readonly kind: 'ConversationPurged'; readonly parts: readonly PurgedPart[] }
  /** `_mixed` for the recording of all participants. */
  | { readonly kind: 'RecordingReady'; readonly participantId: string };

/** What a stream may send. */
export interface Item {
  readonly place: Place;
  readonly conversationId: string;
  /** When the server received it. */
  readonly at: number;
  readonly content: Content;
  /** Made from a whole conversation instead of a stored event. */
  readonly isDerived: boolean;
}

export const isSent = ({ content }: Item) => content.kind !== 'Sealed';

/** A block of `text/event-stream`. `conversationId` as the reader may see it. */
export function renderItem({ at, content }: Item, conversationId: string, id: string): string {
  const ConversationId = conversationId;
  if (content.kind === 'event') {
    const wire = eventToWire(content.event);
    return renderBlock(wire.Type, { ConversationId, ...wire }, id);
  }
  const common = { ConversationId, Type: content.kind, Timestamp: formatInstant(at) };
  return renderBlock(content.kind, { ...common, ...keysOf(content) }, id);
}

function keysOf(content: Exclude<Content, { readonly kind: 'event' }>) {
  if (content.kind === 'ConversationPurged') return { Parts: content.parts };
  if (content.kind !== 'RecordingReady') return {};
  const isMixed = content.participantId === '_mixed';
  const Kind = isMixed ? 'Mixed' : 'Participant';
  return { ParticipantId: isMixed ? null : content.participantId, Kind };
}

/** JSON has no line breaks. */
export function renderBlock(event: string, data: object, id: string | null): string {
  const line = id === null ? '' : `id: ${id}\n`;
  return `event: ${event}\n${line}data: ${JSON.stringify(data)}\n\n`;
}
