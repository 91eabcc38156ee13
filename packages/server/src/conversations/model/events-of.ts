import {
  type Agent,
  type Client,
  type Conversation,
  type Header,
  isFinal,
  type Log,
  type Message,
  type Presence,
} from './conversation.ts';
import type { SingleEvent } from './event-to-wire.ts';

/** Which parts of a conversation to give as events; all by default. */
export interface EventRange {
  /** In the order of arrival, with the number of each from 1. */
  readonly messages?: readonly (readonly [number, Message])[];
  readonly logs?: readonly (readonly [number, Log])[];
  /** Whether a participant, by its place in the header, joined or left in this part. */
  readonly has?: (kind: 'client' | 'agent', at: number, change: 'joined' | 'left') => boolean;
  readonly hasStart?: boolean;
  readonly hasEnd?: boolean;
}

const numbered = <T>(items: readonly T[]) => items.map((item, at) => [at + 1, item] as const);

/** The events that would build a conversation, in time order. Their ids are numbers by type. */
export function eventsOf(conversation: Conversation, range: EventRange = {}): SingleEvent[] {
  const { clients, agents, status, startTime } = conversation;
  const { messages = numbered(conversation.messages), logs = numbered(conversation.logs) } = range;
  const { hasStart = true, hasEnd = true } = range;
  const has = range.has ?? (() => true);
  const left = { client: clientLeft(conversation), agent: agentLeft(conversation) };
  const events = [
    ...clients.flatMap((client, at) =>
      has('client', at, 'joined') ? clientJoined(client, at) : [],
    ),
    ...agents.flatMap((agent, at) => (has('agent', at, 'joined') ? agentJoined(agent, at) : [])),
    ...clients.flatMap((client, at) => (has('client', at, 'left') ? left.client(client, at) : [])),
    ...agents.flatMap((agent, at) => (has('agent', at, 'left') ? left.agent(agent, at) : [])),
    ...messages.map(([n, message]) => messageEvent(n, message)),
    ...logs.map(([n, log]) => logEvent(n, log)),
    ...(hasEnd ? endOf(conversation) : []),
  ].toSorted((a, b) => a.at - b.at || RANKS[a.type] - RANKS[b.type]);
  if (!hasStart) return events;
  const isPaused = !isFinal(status) && status !== 'Active';
  const last = Math.max(startTime, events.at(-1)?.at ?? startTime);
  const changed = { eventId: 'status', at: last, type: 'statusChanged', status } as const;
  return [startOf(conversation), ...events, ...(isPaused ? [changed] : [])];
}

export const messageEvent = (n: number, message: Message): SingleEvent => ({
  eventId: `message-${n}`,
  at: message.at,
  type: 'message',
  message,
});

export const logEvent = (n: number, log: Log): SingleEvent => ({
  eventId: `log-${n}`,
  at: log.at,
  type: 'log',
  log,
});

export function startOf(conversation: Header): SingleEvent {
  const { startTime, initiationType, queueId, metadata, source } = conversation;
  const keys = { initiationType, queueId, metadata, ...(source && { source }) };
  return { eventId: 'start', at: startTime, type: 'started', ...keys };
}

export function endOf(conversation: Header): SingleEvent[] {
  const { endTime, endType, status, endReason } = conversation;
  if (endTime === null || endType === null) return [];
  if (status !== 'Completed' && status !== 'Failed') return [];
  const reason = endReason !== undefined && { endReason };
  return [{ eventId: 'end', at: endTime, type: 'ended', status, endType, ...reason }];
}

export function clientJoined(client: Client, at: number): SingleEvent {
  const { clientId, clientType, phoneNumber, name, joinedAt } = client;
  return {
    eventId: `client-${at + 1}-joined`,
    at: joinedAt,
    type: 'clientJoined',
    clientId,
    clientType,
    ...(phoneNumber !== undefined && { phoneNumber }),
    ...(name !== undefined && { name }),
  };
}

export function agentJoined(agent: Agent, at: number): SingleEvent {
  const { agentId, agentType, name, joinedAt } = agent;
  return {
    eventId: `agent-${at + 1}-joined`,
    at: joinedAt,
    type: 'agentJoined',
    agentId,
    agentType,
    ...(name !== undefined && { name }),
  };
}

export const clientLeft =
  ({ endTime }: Header) =>
  (client: Client, at: number): SingleEvent[] => {
    const { clientId, leaveReason, leftAt } = client;
    if (leftAt === null || isLeftByEnd(client, endTime)) return [];
    const eventId = `client-${at + 1}-left`;
    return [{ eventId, at: leftAt, type: 'clientLeft', clientId, leaveReason }];
  };

export const agentLeft =
  ({ endTime }: Header) =>
  (agent: Agent, at: number): SingleEvent[] => {
    const { agentId, leaveReason, leftAt } = agent;
    if (leftAt === null || isLeftByEnd(agent, endTime)) return [];
    const eventId = `agent-${at + 1}-left`;
    return [{ eventId, at: leftAt, type: 'agentLeft', agentId, leaveReason }];
  };

/** Everybody leaves at the end. */
const isLeftByEnd = ({ leftAt, leaveReason }: Presence, endTime: number | null) =>
  leftAt === endTime && leaveReason === null;

/** At the same time. */
const RANKS: Readonly<Record<SingleEvent['type'], number>> = {
  started: 0,
  clientJoined: 1,
  agentJoined: 1,
  statusChanged: 2,
  message: 2,
  log: 2,
  clientLeft: 3,
  agentLeft: 3,
  ended: 4,
};
