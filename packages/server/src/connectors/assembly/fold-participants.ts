import { isE164, readPhoneNumber } from '@colloquy/phone-numbers';
import { MAX_PARTICIPANTS, type PutConversationBody } from '@colloquy/wire';
import { formatInstant } from '../../kernel/instant.ts';
import { isEmpty } from '../sources/fields.ts';
import type { CallReport, Moment, ReportedAgent, ReportedClient } from '../sources/source.ts';
import { cleanParticipantId, cleanText } from './clean.ts';
import { instantAt } from './moments.ts';

type WireClient = NonNullable<PutConversationBody['Clients']>[number];
type WireAgent = NonNullable<PutConversationBody['Agents']>[number];

interface Span {
  readonly startTime: number;
  /** Null while the call is in progress. */
  readonly endTime: number | null;
}

const MAX_TEXT = 1024;
const CLIENT = 'client';
const AGENT = 'agent';

export function foldParticipants(reports: readonly CallReport[], span: Span) {
  const clients = byId(reports.map((report) => report.clients.map(withId('clientId'))));
  const agents = byId(reports.map((report) => report.agents.map(withId('agentId'))));
  const taken = new Set<string>();
  return {
    clients: clients.slice(0, MAX_PARTICIPANTS).map(
      (client): WireClient => ({
        ClientId: freeId(client.id ?? CLIENT, taken),
        ClientType: client.clientType,
        ...presenceOf(client, span),
        ...phoneOf(client),
        ...(client.name && { Name: cleanText(client.name, MAX_TEXT) }),
      }),
    ),
    agents: agents.slice(0, MAX_PARTICIPANTS).map(
      (agent): WireAgent => ({
        AgentId: freeId(agent.id ?? AGENT, taken),
        AgentType: agent.agentType,
        ...presenceOf(agent, span),
        ...(agent.name && { Name: cleanText(agent.name, MAX_TEXT) }),
      }),
    ),
  };
}

type WithId<T> = T & { readonly id: string | null };

function withId<Key extends string>(key: Key) {
  return <T extends { readonly [K in Key]: string | null }>(one: T): WithId<T> => ({
    ...one,
    id: one[key] === null ? null : cleanParticipantId(one[key]),
  });
}

/** In the order of the last report that names any; one without an id is the first one. */
function byId<T extends ReportedClient | ReportedAgent>(
  lists: readonly (readonly WithId<T>[])[],
): WithId<T>[] {
  const named = lists.map((list) => list.filter(({ id }) => id !== null));
  const last = named.findLast((list) => list.length > 0) ?? [];
  const ids = new Set([...last, ...named.flat()].map(({ id }) => id));
  const unnamed = lists.flat().filter(({ id }) => id === null);
  if (ids.size === 0 && unnamed.length > 0) ids.add(null);
  return [...ids].map((id, at) => {
    const same = lists.flat().filter((one) => one.id === id || (at === 0 && one.id === null));
    return { ...same.reduce(fuller), id };
  });
}

/** An unknown type says as little as an empty field. */
function fuller<T extends object>(before: T, after: T): T {
  const filled = Object.entries(after).filter(
    ([, value]) => !isEmpty(value) && value !== 'Unknown',
  );
  return { ...before, ...Object.fromEntries(filled) };
}

/** Clients and agents share their ids. */
function freeId(id: string, taken: Set<string>): string {
  let free = id;
  for (let n = 2; taken.has(free); n++) free = `${id.slice(0, 120)}_${n}`;
  taken.add(free);
  return free;
}

function presenceOf(
  { joinedAt, leftAt, leaveReason }: ReportedClient | ReportedAgent,
  { startTime, endTime }: Span,
) {
  const at = (moment: Moment | undefined) => instantAt(moment ?? null, startTime);
  const left = at(leftAt) ?? endTime;
  return {
    JoinedAt: formatInstant(at(joinedAt) ?? startTime),
    LeftAt: left === null ? null : formatInstant(left),
    LeaveReason: leaveReason ? cleanText(leaveReason, MAX_TEXT) : null,
  };
}

function phoneOf({ phoneNumber }: ReportedClient) {
  if (!phoneNumber) return {};
  const reading = readPhoneNumber(cleanText(phoneNumber, MAX_TEXT), null);
  if ('e164' in reading) return { PhoneNumber: reading.e164 };
  return isE164(phoneNumber) ? { PhoneNumber: phoneNumber } : {};
}
