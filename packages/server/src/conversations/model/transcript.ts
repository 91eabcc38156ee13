import type { TextBytes } from '../../kernel/threads/text-bytes.ts';
import { isToken } from '../../redaction/opaque-ids.ts';
import type { Conversation, Header } from './conversation.ts';
import { renderLogs, renderMessages, type WritableDocument } from './document.ts';
import type { GivenEvent } from './given-event.ts';
import { inTimeOrder } from './reduce.ts';

/** JSON texts of the wire, in time order. */
type Texts = Pick<WritableDocument, 'messages' | 'logs' | 'bytes'>;

export interface Transcript extends TranscriptFacts, Texts {
  /** The texts of an event; null if the conversation has ended and needs no event. */
  readonly items: { readonly messages: string; readonly logs: string } | null;
}

export interface TranscriptFacts {
  readonly messageCount: number;
  readonly logCount: number;
  readonly latestAt: number | null;
  /** Sender ids that are tokens of masked readers. */
  readonly senderTokens: readonly string[];
}

export interface Whole {
  readonly header: Header;
  readonly transcript: Transcript;
}

type Items = Pick<Conversation, 'messages' | 'logs'>;

export function transcriptOf(given: Items, hasEnded: boolean): Transcript {
  const messages = inTimeOrder(given.messages);
  const logs = inTimeOrder(given.logs);
  const latest = Math.max(messages.at(-1)?.at ?? -Infinity, logs.at(-1)?.at ?? -Infinity);
  return {
    messages: renderMessages(messages),
    logs: renderLogs(logs),
    items: hasEnded ? null : { messages: JSON.stringify(messages), logs: JSON.stringify(logs) },
    messageCount: messages.length,
    logCount: logs.length,
    latestAt: latest === -Infinity ? null : latest,
    senderTokens: [...new Set(messages.map(({ senderId }) => senderId))].filter(isToken),
  };
}

/** Splits a transcript into parts that can move between threads; inverse of `joinTranscript`. */
export function splitTranscript({ messages, logs, items, bytes: _, ...facts }: Transcript) {
  return { texts: [messages, logs, ...(items ? [items.messages, items.logs] : [])], facts };
}

export function joinTranscript(
  facts: TranscriptFacts,
  texts: readonly string[],
  [messageBytes, logBytes]: readonly TextBytes[] = [],
): Transcript {
  const [messages, logs, itemMessages, itemLogs] = texts;
  if (messages === undefined || logs === undefined) throw new Error('a transcript without texts');
  const hasItems = itemMessages !== undefined && itemLogs !== undefined;
  const items = hasItems ? { messages: itemMessages, logs: itemLogs } : null;
  const bytes = messageBytes && logBytes && { messages: messageBytes, logs: logBytes };
  return { ...facts, messages, logs, items, ...(bytes && { bytes }) };
}

/** Clients cannot send this id. */
const WRITTEN = '@written';

export type WrittenEvent = Pick<GivenEvent, 'eventId' | 'at' | 'payload'>;

export function writtenEvent({ header, transcript }: Whole): WrittenEvent {
  const { items } = transcript;
  if (items === null) throw new Error('a conversation that has ended has no events');
  const at = Math.max(transcript.latestAt ?? -Infinity, header.startTime);
  const start = JSON.stringify({ eventId: WRITTEN, type: 'written', at }).slice(0, -1);
  const head = JSON.stringify(header).slice(0, -1);
  const conversation = `${head},"messages":${items.messages},"logs":${items.logs}}`;
  return { eventId: WRITTEN, at, payload: `${start},"conversation":${conversation}}` };
}
