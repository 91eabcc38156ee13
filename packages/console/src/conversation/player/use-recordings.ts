import { useState } from 'react';
import type { Conversation } from './timeline.ts';
import { atKnownAddresses, type Recording, recordingsOf } from './tracks.ts';

export interface Recordings {
  /** While nothing of them but their addresses changes they stay the same. */
  readonly recordings: readonly Recording[];
  /** Has one at an address of now; false where there is no other than it has. */
  readonly renew: (id: string) => Promise<boolean>;
}

/**
 * The recordings, at the addresses they had when they were first seen: each answer has others, and a
 * player that changes its address begins anew.
 */
export function useRecordings(
  conversation: Conversation,
  readAnew: () => Promise<Conversation | null>,
): Recordings {
  const [known, setKnown] = useState(() => ({
    conversation,
    recordings: recordingsOf(conversation) as readonly Recording[],
  }));
  let { recordings } = known;
  if (known.conversation !== conversation) {
    recordings = atKnownAddresses(recordings, recordingsOf(conversation));
    setKnown({ conversation, recordings });
  }
  const renew = async (id: string) => {
    const answer = await readAnew();
    const url = answer && recordingsOf(answer).find((one) => one.id === id)?.url;
    if (url == null || recordings.some((one) => one.id === id && one.url === url)) return false;
    setKnown((before) => ({
      ...before,
      recordings: before.recordings.map((one) => (one.id === id ? { ...one, url } : one)),
    }));
    return true;
  };
  return { recordings, renew };
}
