import type { TextBytes } from '../../kernel/threads/text-bytes.ts';
import { isToken } from '../../redaction/opaque-ids.ts';
import type { Header, Log, Message } from './conversation.ts';
import { renderLogs, renderMessages, type TranscriptBytes } from './document.ts';
import { inTimeOrder } from './reduce.ts';

/** The messages and logs of a conversation that is written whole, ready to be stored. */
export interface Transcript extends TranscriptFacts {
  /** JSON texts of the wire, in the order of time. */
  readonly messages: string;
  readonly logs: string;
  /** Both as bytes, where a thread has made them; whoever writes them need not encode them again. */
  readonly bytes?: TranscriptBytes;
  /** The same as an event holds them; null if the conversation has ended and needs no event. */
  readonly items: { readonly messages: string; readonly logs: string } | null;
}

/** What else must be known of a transcript; small, whatever its size. */
export interface TranscriptFacts {
  readonly messageCount: number;
  readonly logCount: number;
  /** The latest of their times; null if there are none. */
  readonly latestAt: number | null;
  /** Senders that are named by the token of a masked reader, each once. */
  readonly senderTokens: readonly string[];
}

/** A conversation that is written whole. */
export interface Whole {
  readonly header: Header;
  readonly transcript: Transcript;
}

export function transcriptOf(
  given: { readonly messages: readonly Message[]; readonly logs: readonly Log[] },
  hasEnded: boolean,
): Transcript {
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

/** A transcript in what can move between threads; `joinTranscript` undoes it. */
export function splitTranscript({ messages, logs, items, bytes: _, ...facts }: Transcript): {
  readonly texts: readonly string[];
  readonly facts: TranscriptFacts;
} {
  return { texts: [messages, logs, ...(items ? [items.messages, items.logs] : [])], facts };
}

export function joinTranscript(
  facts: TranscriptFacts,
  texts: readonly string[],
  [messageBytes, logBytes]: readonly TextBytes[] = [],
): Transcript {
  const [messages, logs, itemMessages, itemLogs] = texts;
  if (messages === undefined || logs === undefined) throw new Error('a transcript without texts');
  const items =
    itemMessages === undefined || itemLogs === undefined
      ? null
      : { messages: itemMessages, logs: itemLogs };
  const bytes = messageBytes && logBytes && { messages: messageBytes, logs: logBytes };
  return { ...facts, messages, logs, items, ...(bytes && { bytes }) };
}

/** No client can send this id. */
const WRITTEN = '@written';

/** The event with which a conversation begins that was written whole and goes on. */
export interface WrittenEvent {
  readonly eventId: string;
  readonly at: number;
  /** JSON of the event of type `written`. */
  readonly payload: string;
}

export function writtenEvent({ header, transcript }: Whole): WrittenEvent {
  const { items } = transcript;
  if (items === null) throw new Error('a conversation that has ended has no events');
  const at = Math.max(transcript.latestAt ?? -Infinity, header.startTime);
  const start = JSON.stringify({ eventId: WRITTEN, type: 'written', at }).slice(0, -1);
  const head = JSON.stringify(header).slice(0, -1);
  const conversation = `${head},"messages":${items.messages},"logs":${items.logs}}`;
  return { eventId: WRITTEN, at, payload: `${start},"conversation":${conversation}}` };
}
