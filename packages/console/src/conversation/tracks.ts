import { nameOf } from '../conversations/facts.ts';
import type { Conversation } from './timeline.ts';

/** A recording, and whom it is of. */
export interface Recording {
  /** The participant's id, or `_mixed`. */
  readonly id: string;
  readonly label: string;
  readonly url: string;
  readonly isAgent: boolean;
  /** Milliseconds from the start of the conversation. */
  readonly joinedAt: number;
  readonly leftAt: number | null;
  /** Milliseconds; null where its container does not tell. */
  readonly duration: number | null;
}

/** The recordings of a conversation: each participant's, then the one of everybody. */
export function recordingsOf(conversation: Conversation): Recording[] {
  const start = Date.parse(conversation.StartTime);
  const end = conversation.EndTime;
  const durationOf = (id: string | null): number | null => {
    const known = conversation.Recordings?.find(({ ParticipantId }) => ParticipantId === id);
    return known?.DurationSeconds == null ? null : known.DurationSeconds * 1000;
  };
  const of = (
    id: string,
    label: string,
    isAgent: boolean,
    {
      AudioUrl,
      JoinedAt,
      LeftAt,
    }: { AudioUrl: string | null; JoinedAt: string; LeftAt: string | null },
  ): Recording[] =>
    AudioUrl === null
      ? []
      : [
          {
            id,
            label,
            url: AudioUrl,
            isAgent,
            joinedAt: Date.parse(JoinedAt) - start,
            leftAt: (LeftAt ?? end) === null ? null : Date.parse(LeftAt ?? end ?? '') - start,
            duration: durationOf(id),
          },
        ];
  const clients = conversation.Clients.flatMap((client) =>
    of(client.ClientId, nameOf(client, client.ClientId), false, client),
  );
  const agents = conversation.Agents.flatMap((agent) =>
    of(agent.AgentId, nameOf(agent, agent.AgentId), true, agent),
  );
  const mixed = (conversation.Recordings ?? []).flatMap(({ Kind, AudioUrl }) =>
    Kind === 'Mixed' && AudioUrl !== null
      ? [
          {
            id: '_mixed',
            label: 'Everyone',
            url: AudioUrl,
            isAgent: false,
            joinedAt: 0,
            leftAt: null,
            duration: durationOf(null),
          },
        ]
      : [],
  );
  return [...clients, ...agents, ...mixed];
}

const pathOf = (url: string): string => new URL(url).pathname;

/**
 * Recordings at the addresses by which they are `known`, where only what signs an address is another; the
 * known ones themselves where nothing else is.
 */
export function atKnownAddresses(
  known: readonly Recording[],
  given: readonly Recording[],
): readonly Recording[] {
  const merged = given.map((recording) => {
    const before = known.find(({ id }) => id === recording.id);
    if (!before || pathOf(before.url) !== pathOf(recording.url)) return recording;
    const now = { ...recording, url: before.url };
    const isSame = Object.entries(now).every(
      ([key, value]) => before[key as keyof Recording] === value,
    );
    return isSame ? before : now;
  });
  const areSame = merged.length === known.length && merged.every((one, at) => one === known[at]);
  return areSame ? known : merged;
}

/**
 * When a recording of so many milliseconds begins. Some engines record each side from the start of the
 * conversation, others from when it joined: the one by which it ends nearer to when the side left.
 */
export function offsetOf({ joinedAt, leftAt }: Recording, duration: number): number {
  if (leftAt === null) return 0;
  const missedBy = (offset: number) => Math.abs(offset + duration - leftAt);
  return missedBy(joinedAt) < missedBy(0) ? joinedAt : 0;
}
