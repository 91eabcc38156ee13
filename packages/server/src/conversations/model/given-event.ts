import type { Event, EventType } from './conversation.ts';

export type HeaderEvent = Exclude<Event, { readonly type: 'message' | 'log' | 'written' }>;

export interface GivenEvent {
  readonly eventId: string;
  readonly at: number;
  readonly type: EventType;
  readonly payload: string;
  readonly senderId?: string;
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

/** The JSON text of an event up to its first unknown value. */
function startOf({ eventId, at, type, senderId }: Omit<GivenEvent, 'payload'>): string {
  const start = { eventId, at, type };
  return senderId === undefined
    ? JSON.stringify(start).slice(0, -1)
    : JSON.stringify({ ...start, message: { senderId } }).slice(0, -2);
}
