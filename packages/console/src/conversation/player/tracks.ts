import { nameOf } from '../../conversations/facts.ts';
import type { Conversation } from './timeline.ts';

export interface Recording {
  /** The participant's id, or `_mixed`. */
  readonly id: string;
  readonly label: string;
  readonly url: string;
  readonly isAgent: boolean;
  /** Milliseconds from the start of the conversation. */
  readonly joinedAt: number;
  readonly leftAt: number | null;
  /** The start given by the upload, in milliseconds from the start of the conversation. */
  readonly startsAt: number | null;
  readonly contentType: string;
  /** Milliseconds; null if its container does not contain it. */
  readonly duration: number | null;
}

type Presence = Pick<Conversation['Clients'][number], 'AudioUrl' | 'JoinedAt' | 'LeftAt'>;

export function listRecordings(conversation: Conversation): Recording[] {
  const start = Date.parse(conversation.StartTime);
  const end = conversation.EndTime;
  const factsOf = (id: string | null) => {
    const known = conversation.Recordings?.find(({ ParticipantId }) => ParticipantId === id);
    return {
      duration: known?.DurationSeconds == null ? null : known.DurationSeconds * 1000,
      startsAt: known?.StartTime === undefined ? null : Date.parse(known.StartTime) - start,
      contentType: known?.ContentType ?? '',
    };
  };
  const of = (
    id: string,
    label: string,
    isAgent: boolean,
    { AudioUrl, JoinedAt, LeftAt }: Presence,
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
            ...factsOf(id),
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
            ...factsOf(null),
          },
        ]
      : [],
  );
  return [...clients, ...agents, ...mixed];
}

const pathOf = (url: string): string => new URL(url).pathname;

/** Keeps URLs that differ only in the signature, and the array if nothing else has changed. */
export function keepKnownUrls(
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
 * Milliseconds from the start of the conversation: the upload's start if the recording then fits.
 * Otherwise engines record from the start or from joining: the one that ends nearer to leaving.
 */
export function computeOffset(
  { joinedAt, leftAt, startsAt }: Recording,
  duration: number,
  length: number,
): number {
  if (startsAt !== null && startsAt < length && startsAt + duration > 0) return startsAt;
  if (leftAt === null) return 0;
  const missOf = (offset: number) => Math.abs(offset + duration - leftAt);
  return missOf(joinedAt) < missOf(0) ? joinedAt : 0;
}
