import { SEPARATOR } from '../../kernel/json/split-body.ts';
import type { Event } from './conversation.ts';

/**
 * The events of a live conversation as they are read: their JSON texts in the order in which they came,
 * with `SEPARATOR` between them.
 */
export type StoredEvents = string;

export function parseEvents(events: StoredEvents): Event[] {
  return events === '' ? [] : events.split(SEPARATOR).map((payload): Event => JSON.parse(payload));
}

/** Whether the first of the events is exactly this one. */
export function beginsWith(events: StoredEvents, payload: string): boolean {
  return (
    events.startsWith(payload) &&
    (events.length === payload.length || events[payload.length] === SEPARATOR)
  );
}
