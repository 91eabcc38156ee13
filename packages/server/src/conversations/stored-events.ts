import type { Event } from './conversation.ts';

/**
 * The events of a live conversation as they are read: their JSON texts in the order in which they came,
 * with U+0001 between them, which JSON text cannot contain.
 */
export type StoredEvents = string;

export const EVENT_SEPARATOR = '\u0001';

export function parseEvents(events: StoredEvents): Event[] {
  return events === ''
    ? []
    : events.split(EVENT_SEPARATOR).map((payload): Event => JSON.parse(payload));
}

/** Whether the first of the events is exactly this one. */
export function beginsWith(events: StoredEvents, payload: string): boolean {
  return (
    events.startsWith(payload) &&
    (events.length === payload.length || events[payload.length] === EVENT_SEPARATOR)
  );
}
