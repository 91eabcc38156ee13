import type { ChangeDetails } from '../../changes/change.ts';
import type { Context } from '../../context.ts';
import {
  bytesInTurns,
  piecesOf,
  type StoredText,
  textInTurns,
} from '../../kernel/threads/text-bytes.ts';
import { threadTask } from '../../kernel/threads/threads.ts';
import { headerOf } from '../from-wire.ts';
import { arrivalOf } from './arrival.ts';
import type { Header } from './conversation.ts';
import {
  MIN_THREAD_CHARACTERS,
  type ReadableDocument,
  renderDocument,
  type StoredDocument,
} from './document.ts';
import { reduceEvents } from './reduce.ts';
import { parseEvents, type StoredEvents } from './stored-events.ts';

const REDUCE = threadTask<typeof import('./reduce-stored.thread.ts').default>(
  new URL('./reduce-stored.thread.ts', import.meta.url),
);

export interface Reduced {
  readonly header: Header;
  readonly document: StoredDocument;
  readonly messageCount: number;
  readonly logCount: number;
  readonly latestAt: number;
  readonly arrival: ChangeDetails;
}

export async function reduceStored(
  { threads }: Pick<Context, 'threads'>,
  id: string,
  events: StoredEvents,
): Promise<Reduced> {
  if (events.length < MIN_THREAD_CHARACTERS) return reduceText(id, events);
  const { head, messages, logs, ...facts } = await reduceInThread(threads, id, events);
  const document = { head, messages: await textInTurns(messages), logs: await textInTurns(logs) };
  return { header: headerOf(head), document, ...facts };
}

/** Like `reduceStored`, but keeps the bytes that the thread returns. */
export async function reduceToRead(
  { threads }: Pick<Context, 'threads'>,
  id: string,
  events: StoredText,
): Promise<Omit<ReadableDocument, 'recordings'>> {
  if (typeof events === 'string') return (await reduceStored({ threads }, id, events)).document;
  const { head, messages, logs } = await reduceInThread(threads, id, events);
  return { head, messages: piecesOf(messages), logs: piecesOf(logs) };
}

async function reduceInThread(threads: Context['threads'], id: string, events: StoredText) {
  const bytes = await bytesInTurns(events);
  return threads.run(REDUCE, { id, events: bytes }, { transfer: [bytes] });
}

export function reduceText(id: string, text: StoredEvents): Reduced {
  const events = parseEvents(text);
  const conversation = reduceEvents(id, events);
  const { messages, logs, ...header } = conversation;
  return {
    header,
    document: renderDocument(conversation),
    messageCount: messages.length,
    logCount: logs.length,
    latestAt: events.reduce((latest, { at }) => Math.max(latest, at), 0),
    arrival: arrivalOf(events, header),
  };
}
