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
  /** Of a message: who speaks. */
  readonly senderId?: string;
  /** The event itself; absent of messages and logs, which may be large. */
  readonly change?: HeaderEvent;
}

export function givenEvent(event: Event): GivenEvent {
  const { eventId, at, type } = event;
  const given = { eventId, at, type, payload: JSON.stringify(event) };
  if (event.type === 'message') return { ...given, senderId: event.message.senderId };
  if (event.type === 'log') return given;
  if (event.type === 'written') throw new Error('nobody appends a whole conversation');
  return { ...given, change: event };
}

/** The message with another sender, by its text alone: it begins with its sender, as it was made. */
export function withSender(message: GivenEvent, senderId: string): GivenEvent {
  const { eventId, at, type, payload } = message;
  const startOf = (sender: string | undefined) =>
    JSON.stringify({ eventId, at, type, message: { senderId: sender } }).slice(0, -2);
  const start = startOf(message.senderId);
  if (!payload.startsWith(start)) throw new Error('a message begins with its sender');
  return { ...message, senderId, payload: startOf(senderId) + payload.slice(start.length) };
}
