import type { Context } from '../../context.ts';
import { bytesInTurns, textInTurns } from '../../kernel/threads/text-bytes.ts';
import { threadTask } from '../../kernel/threads/threads.ts';
import { transcriptOfDocument } from '../from-wire.ts';
import { type Header, type Presence, participantIds } from '../model/conversation.ts';
import { isLarge, type StoredDocument } from '../model/document.ts';
import { joinTranscript, type Transcript, transcriptOf } from '../model/transcript.ts';

const ANONYMISE = threadTask<typeof import('./anonymise.thread.ts').default>(
  new URL('./anonymise.thread.ts', import.meta.url),
);

/** New ids by old ones; ids without an entry are omitted. */
export interface FreshIds {
  readonly sessions: ReadonlyMap<string, string>;
  readonly calls: ReadonlyMap<string, string>;
}

export type AnonymousNames = ReadonlyMap<string, string>;

const ANONYMOUS_NAME = 'person';

export const anonymousNames = (header: Header): AnonymousNames =>
  new Map(participantIds(header).map((name, at) => [name, `${ANONYMOUS_NAME}_${at + 1}`]));

const timesOf = ({ joinedAt, leftAt }: Presence) => ({ joinedAt, leftAt, leaveReason: null });

/** Keeps times and states; removes ids, numbers, names and metadata. */
export function anonymousHeader(
  header: Header,
  names: AnonymousNames,
  { sessions, calls }: FreshIds,
): Header {
  const id = sessions.get(header.id);
  if (id === undefined) throw new Error('a copy needs an id');
  const nameOf = (participantId: string) => names.get(participantId) ?? ANONYMOUS_NAME;
  const { status, startTime, endTime, endType, initiationType, queueId, source, purged } = header;
  return {
    id,
    queueId: (queueId && calls.get(queueId)) ?? null,
    status,
    startTime,
    endTime,
    endType,
    clients: header.clients.map(({ clientId, clientType, ...presence }) => ({
      clientId: nameOf(clientId),
      clientType,
      ...timesOf(presence),
    })),
    agents: header.agents.map(({ agentId, agentType, ...presence }) => ({
      agentId: nameOf(agentId),
      agentType,
      ...timesOf(presence),
    })),
    initiationType,
    metadata: {},
    ...(source && { source: { provider: source.provider } }),
    ...(purged && { purged }),
  };
}

/** Keeps senders and times; removes contents. */
export async function anonymousTranscript(
  { threads }: Pick<Context, 'threads'>,
  document: StoredDocument,
  names: AnonymousNames,
  hasEnded: boolean,
): Promise<Transcript> {
  if (!isLarge(document)) return anonymise(document, names, hasEnded);
  const messages = await bytesInTurns(document.messages);
  const logs = await bytesInTurns(document.logs);
  const input = { messages, logs, names, hasEnded };
  const output = await threads.run(ANONYMISE, input, { transfer: [messages, logs] });
  const texts: string[] = [];
  for (const text of output.texts) texts.push(await textInTurns(text));
  return joinTranscript(output.facts, texts);
}

export function anonymise(
  document: Pick<StoredDocument, 'messages' | 'logs'>,
  names: AnonymousNames,
  hasEnded: boolean,
): Transcript {
  const { messages, logs } = transcriptOfDocument(document);
  const anonymous = messages.map(({ senderId, role, at, endedAt, wasInterrupted }) => ({
    senderId: names.get(senderId) ?? ANONYMOUS_NAME,
    role,
    content: '',
    at,
    ...(endedAt !== undefined && { endedAt }),
    ...(wasInterrupted !== undefined && { wasInterrupted }),
  }));
  const anonymousLogs = logs.map(({ level, at }) => ({ level, message: '', at }));
  return transcriptOf({ messages: anonymous, logs: anonymousLogs }, hasEnded);
}
