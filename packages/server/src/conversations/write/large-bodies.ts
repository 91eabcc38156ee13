import type { ConversationEvent, PutConversationBody } from '@colloquy/wire';
import { SEPARATOR, type Splitting, separate } from '../../kernel/json/split-body.ts';
import { isSecretParticipant } from '../../redaction/opaque-ids.ts';
import { eventFromWire, transcriptFromWire } from '../from-wire.ts';
import { type GivenEvent, givenEvent, withIds } from '../model/given-event.ts';
import {
  joinTranscript,
  splitTranscript,
  type Transcript,
  type TranscriptFacts,
} from '../model/transcript.ts';

/** By position in the request; null for events that are small and stay in the body. */
export type LargeEvents = readonly (GivenEvent | null)[];

declare module '../../access/authorization/call.ts' {
  interface LargeParts {
    PutConversation: Transcript;
    AppendConversationEvents: LargeEvents;
  }
}

export const splitPut: Splitting<PutConversationBody, TranscriptFacts, Transcript> = {
  split(body) {
    const { Messages, Logs: _logs, Recordings: _ignored, Purged: _alsoIgnored, ...rest } = body;
    // One is enough: it makes the request of a masked reader fail.
    const secret = Messages?.find(({ SenderId }) => isSecretParticipant(SenderId));
    return {
      rest: {
        ...rest,
        Clients: rest.Clients?.map(({ AudioUrl: _url, ...client }) => client),
        Agents: rest.Agents?.map(({ AudioUrl: _url, ...agent }) => agent),
        Messages: secret ? [{ SenderId: secret.SenderId }] : [],
      },
      ...splitTranscript(transcriptFromWire(body)),
    };
  },
  join: joinTranscript,
};

interface AppendBody {
  readonly Events: readonly ConversationEvent[];
}
type EventFacts = readonly (Omit<GivenEvent, 'payload'> | null)[];

export const splitAppend: Splitting<AppendBody, EventFacts, LargeEvents> = {
  split({ Events }) {
    const given = Events.map((event, at) =>
      isLarge(event, at) ? givenEvent(eventFromWire(event)) : null,
    );
    return {
      rest: { Events: Events.map((event, at) => (isLarge(event, at) ? idsOf(event) : event)) },
      texts: [given.flatMap((event) => (event ? [event.payload] : [])).join(SEPARATOR)],
      // `change` is omitted: only events that start a conversation or are small need it.
      facts: given.map((event) => {
        if (!event) return null;
        const { payload: _payload, change: _change, ...facts } = event;
        return facts;
      }),
    };
  },
  join(facts, [text]) {
    const payloads = separate(text, facts.filter((event) => event !== null).length).values();
    return facts.map((event) => event && { ...event, payload: payloads.next().value ?? '' });
  },
};

const isLarge = ({ Type }: ConversationEvent, at: number) =>
  Type === 'MessageAdded' || Type === 'LogAdded' || (Type === 'SessionStarted' && at > 0);

/** The ids that `http/masked-reader.ts` translates or rejects before the operation. */
function idsOf(event: ConversationEvent) {
  const { EventId } = event;
  if (event.Type === 'MessageAdded') return { EventId, SenderId: event.SenderId };
  if (event.Type === 'SessionStarted') return { EventId, QueueId: event.QueueId };
  return { EventId };
}

export function joinEvents({ Events }: AppendBody, parts: LargeEvents): GivenEvent[] {
  if (parts.length !== Events.length) throw new Error('parts of another request');
  return Events.map((event, at) => {
    const large = parts[at];
    return large ? withIds(large, event.EventId) : givenEvent(eventFromWire(event));
  });
}
