import type { ChangeDetails } from '../../changes/change.ts';
import { type Event, type Header, participantIds } from './conversation.ts';

// A sealed conversation is in time order. To continue a stream that began before, the change log keeps
// what else is known of the order of arrival: no content, only places.

/** More would not be small; a stream that continues then begins again. */
const MAX_CHARACTERS = 4_000;

/** For the change that seals a conversation. `events` are in the order of arrival. */
export function arrivalOf(events: readonly Event[], header: Header): ChangeDetails {
  const messages: number[] = [];
  const logs: number[] = [];
  for (const event of events) {
    if (event.type === 'written') {
      messages.push(...event.conversation.messages.map(({ at }) => at));
      logs.push(...event.conversation.logs.map(({ at }) => at));
    } else if (event.type === 'message') messages.push(event.at);
    else if (event.type === 'log') logs.push(event.at);
  }
  const LateMessages = lateOf(messages);
  const LateLogs = lateOf(logs);
  const Participants = participantsOf(events, header);
  const length = LateMessages.length + LateLogs.length + Participants.length;
  if (length > MAX_CHARACTERS) return { IsUnordered: true };
  return {
    ...(LateMessages !== '' && { LateMessages }),
    ...(LateLogs !== '' && { LateLogs }),
    ...(Participants !== '' && { Participants }),
  };
}

/** `<place of arrival>:<place in time>` of each item that is earlier than one before it. */
function lateOf(times: readonly number[]): string {
  let latest = Number.NEGATIVE_INFINITY;
  const late = new Set<number>();
  for (const [at, time] of times.entries()) {
    if (time < latest) late.add(at);
    else latest = time;
  }
  if (late.size === 0) return '';
  const places = times.map((time, at) => ({ time, at })).sort((a, b) => a.time - b.time);
  return places.flatMap(({ at }, place) => (late.has(at) ? [`${at}:${place}`] : [])).join(' ');
}

/** The place in the header of each one that joins or leaves. */
function participantsOf(events: readonly Event[], header: Header): string {
  const places = new Map<string, number>();
  for (const [at, { clientId }] of header.clients.entries()) places.set(clientId, at);
  for (const [at, { agentId }] of header.agents.entries()) places.set(agentId, at);
  if (places.size < participantIds(header).length) return '';
  return events
    .flatMap((event) => {
      if ('clientId' in event) return [places.get(event.clientId) ?? -1];
      return 'agentId' in event ? [places.get(event.agentId) ?? -1] : [];
    })
    .join(' ');
}

/** The places in time of items in the order of arrival. */
export function timePlaces(total: number, late: unknown): number[] {
  const places: number[] = [];
  const taken = new Set<number>();
  for (const pair of typeof late === 'string' ? late.split(' ') : []) {
    const [at = -1, place = -1] = pair.split(':').map(Number);
    places[at] = place;
    taken.add(place);
  }
  let next = 0;
  for (let at = 0; at < total; at += 1) {
    if (places[at] !== undefined) continue;
    while (taken.has(next)) next += 1;
    places[at] = next;
    next += 1;
  }
  return places;
}
