import type { Agent, Client, Conversation, Event, Header, Log, Message } from './conversation.ts';

/** `events` are in the order of arrival; the first is `started` or `written`. Runs in any thread. */
export function reduceEvents(id: string, events: readonly Event[]): Conversation {
  const header = reduceHeader(id, null, events);
  const messages: Message[] = [];
  const logs: Log[] = [];
  for (const event of events) {
    if (event.type === 'written') {
      messages.push(...event.conversation.messages);
      logs.push(...event.conversation.logs);
    } else if (event.type === 'message') messages.push(event.message);
    else if (event.type === 'log') logs.push(event.log);
  }
  return { ...header, messages: inTimeOrder(messages), logs: inTimeOrder(logs) };
}

/** Stable: ties keep the order of arrival. */
export function inTimeOrder<T extends { readonly at: number }>(items: readonly T[]): T[] {
  return items.toSorted((a, b) => a.at - b.at);
}

/** Continues from an earlier header, if given. */
export function reduceHeader(id: string, start: Header | null, events: readonly Event[]): Header {
  let header = start;
  for (const event of events) {
    header = header === null ? open(id, event) : apply(header, event);
  }
  if (header === null) throw new Error('a conversation without events');
  return header;
}

function open(id: string, event: Event): Header {
  if (event.type === 'written') {
    const { messages: _messages, logs: _logs, ...header } = event.conversation;
    return header;
  }
  if (event.type !== 'started') throw new Error(`a conversation begins with ${event.type}`);
  return {
    id,
    queueId: event.queueId,
    status: 'Active',
    startTime: event.at,
    endTime: null,
    endType: null,
    clients: [],
    agents: [],
    initiationType: event.initiationType,
    metadata: event.metadata,
    ...(event.source && { source: event.source }),
  };
}

function apply(header: Header, event: Event): Header {
  switch (event.type) {
    case 'clientJoined': {
      const { type: _type, eventId: _eventId, at, ...client } = event;
      return { ...header, clients: join(header.clients, 'clientId', client, at) };
    }
    case 'agentJoined': {
      const { type: _type, eventId: _eventId, at, ...agent } = event;
      return { ...header, agents: join(header.agents, 'agentId', agent, at) };
    }
    case 'clientLeft':
      return { ...header, clients: header.clients.map((client) => leave(client, event)) };
    case 'agentLeft':
      return { ...header, agents: header.agents.map((agent) => leave(agent, event)) };
    case 'statusChanged':
      return { ...header, status: event.status };
    case 'ended':
      return {
        ...header,
        status: event.status,
        endTime: event.at,
        endType: event.endType,
        clients: header.clients.map((client) => leaveAtEnd(client, event.at)),
        agents: header.agents.map((agent) => leaveAtEnd(agent, event.at)),
        ...(event.endReason !== undefined && { endReason: event.endReason }),
      };
    default:
      return header;
  }
}

/** A participant that joins again keeps its first join time. */
function join<P extends Client | Agent, K extends keyof P>(
  participants: readonly P[],
  key: K,
  joining: Omit<P, 'joinedAt' | 'leftAt' | 'leaveReason'> & Pick<P, K>,
  at: number,
): P[] {
  const here = { ...joining, leftAt: null, leaveReason: null };
  if (participants.some((participant) => participant[key] === joining[key])) {
    return participants.map((participant) =>
      participant[key] === joining[key] ? { ...participant, ...here } : participant,
    );
  }
  return [...participants, { ...here, joinedAt: at } as unknown as P];
}

function leave<P extends Client | Agent>(
  participant: P,
  event: Extract<Event, { type: 'clientLeft' | 'agentLeft' }>,
): P {
  const leaving = event.type === 'clientLeft' ? event.clientId : event.agentId;
  const id = 'clientId' in participant ? participant.clientId : participant.agentId;
  return id === leaving
    ? { ...participant, leftAt: event.at, leaveReason: event.leaveReason }
    : participant;
}

function leaveAtEnd<P extends Client | Agent>(participant: P, at: number): P {
  return participant.leftAt === null ? { ...participant, leftAt: at } : participant;
}
