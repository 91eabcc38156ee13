import type { ConversationEvent, PutConversationBody } from '@colloquy/wire';
import type { Splitting } from '../base/split-body.ts';
import { eventFromWire, transcriptFromWire } from './from-wire.ts';
import { type GivenEvent, givenEvent } from './given-event.ts';
import { EVENT_SEPARATOR } from './stored-events.ts';
import type { Transcript, TranscriptFacts } from './transcript.ts';

/** Messages and logs, and where they stood among the events of the request. */
export interface LargeEvents {
  readonly events: readonly GivenEvent[];
  readonly places: readonly number[];
}

declare module '../access/handler.ts' {
  interface LargeParts {
    PutConversation: Transcript;
    AppendConversationEvents: LargeEvents;
  }
}

export const splitPut: Splitting<PutConversationBody, TranscriptFacts, Transcript> = {
  split(body) {
    const { Messages: _messages, Logs: _logs, Recordings: _ignored, ...rest } = body;
    const { messages, logs, items, ...facts } = transcriptFromWire(body);
    return { rest, texts: [messages, logs, ...(items ? [items.messages, items.logs] : [])], facts };
  },
  join(facts, [messages = '', logs = '', ...items]) {
    const [ofMessages, ofLogs] = items;
    const hasItems = ofMessages !== undefined && ofLogs !== undefined;
    return {
      ...facts,
      messages,
      logs,
      items: hasItems ? { messages: ofMessages, logs: ofLogs } : null,
    };
  },
};

interface EventFacts {
  readonly events: readonly Omit<GivenEvent, 'payload'>[];
  readonly places: readonly number[];
}
interface AppendBody {
  readonly Events: readonly ConversationEvent[];
}

export const splitAppend: Splitting<AppendBody, EventFacts, LargeEvents> = {
  split({ Events }) {
    const isLarge = ({ Type }: ConversationEvent) => Type === 'MessageAdded' || Type === 'LogAdded';
    const places = Events.flatMap((event, place) => (isLarge(event) ? [place] : []));
    const given = Events.filter(isLarge).map((event) => givenEvent(eventFromWire(event)));
    return {
      rest: { Events: Events.filter((event) => !isLarge(event)) },
      texts: [given.map(({ payload }) => payload).join(EVENT_SEPARATOR)],
      facts: { events: given.map(({ payload: _payload, ...event }) => event), places },
    };
  },
  join({ events, places }, [text = '']) {
    const payloads = text.split(EVENT_SEPARATOR);
    return {
      events: events.map((event, at) => ({ ...event, payload: payloads[at] ?? '' })),
      places,
    };
  },
};

/** All events of a request in their order: those that stayed in its body, and the large ones. */
export function inOrderGiven(
  small: readonly GivenEvent[],
  { events, places }: LargeEvents,
): GivenEvent[] {
  const isLarge = new Set(places);
  const [smallOnes, largeOnes] = [small.values(), events.values()];
  return Array.from({ length: small.length + events.length }, (_, place) => {
    const { value } = (isLarge.has(place) ? largeOnes : smallOnes).next();
    if (!value) throw new Error('an event has no place');
    return value;
  });
}
