import type { Event, EventType } from './conversation.ts';

/** An event that changes what a list shows. */
export type HeaderEvent = Exclude<Event, { readonly type: 'message' | 'log' | 'written' }>;

/** An event that is to be appended: what must be known of it, and its text. */
export interface GivenEvent {
  readonly eventId: string;
  readonly at: number;
  readonly type: EventType;
  /** As it is stored: JSON of the `Event`. */
  readonly payload: string;
  /** Of a message. */
  readonly senderId?: string;
  /** The event itself if it changes the header. */
  readonly change?: HeaderEvent;
}

export function givenEvent(event: Event): GivenEvent {
  const { eventId, at, type } = event;
  const given = { eventId, at, type, payload: JSON.stringify(event) };
  if (event.type === 'message') return { ...given, senderId: event.message.senderId };
  if (event.type === 'log') return given;
  if (event.type === 'written') throw new Error('a written conversation is not appended');
  return { ...given, change: event };
}

/** The event under another id, or with another sender, by its text alone: it begins with them. */
export function withIds(
  event: GivenEvent,
  eventId: string,
  senderId: string | undefined = event.senderId,
): GivenEvent {
  if (eventId === event.eventId && senderId === event.senderId) return event;
  const start = startOf(event);
  if (!event.payload.startsWith(start)) throw new Error('an event begins with its ids');
  const changed = { ...event, eventId, ...(senderId !== undefined && { senderId }) };
  return { ...changed, payload: startOf(changed) + event.payload.slice(start.length) };
}

/** The JSON text of an event up to the first value that is not known of it. */
function startOf({ eventId, at, type, senderId }: Omit<GivenEvent, 'payload'>): string {
  const start = { eventId, at, type };
  return senderId === undefined
    ? JSON.stringify(start).slice(0, -1)
    : JSON.stringify({ ...start, message: { senderId } }).slice(0, -2);
}
