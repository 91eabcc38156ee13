import { SEPARATOR } from '../../kernel/json/split-body.ts';
import type { Event } from './conversation.ts';

/** JSON texts of a live conversation's events in the order of arrival, joined by `SEPARATOR`. */
export type StoredEvents = string;

export function parseEvents(events: StoredEvents): Event[] {
  return events === '' ? [] : events.split(SEPARATOR).map((payload): Event => JSON.parse(payload));
}

export function beginsWith(events: StoredEvents, payload: string): boolean {
  return (
    events.startsWith(payload) &&
    (events.length === payload.length || events[payload.length] === SEPARATOR)
  );
}
