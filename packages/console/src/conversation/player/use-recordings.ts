import { useState } from 'react';
import type { Conversation } from './timeline.ts';
import { keepKnownUrls, listRecordings, type Recording } from './tracks.ts';

export interface Recordings {
  readonly recordings: readonly Recording[];
  readonly renew: (id: string) => Promise<boolean>;
}

/** Keeps the URLs seen first: every answer has others, and a player would start over. */
export function useRecordings(
  conversation: Conversation,
  refresh: () => Promise<Conversation | null>,
): Recordings {
  const [known, setKnown] = useState(() => ({
    conversation,
    recordings: listRecordings(conversation) as readonly Recording[],
  }));
  let { recordings } = known;
  if (known.conversation !== conversation) {
    recordings = keepKnownUrls(recordings, listRecordings(conversation));
    setKnown({ conversation, recordings });
  }
  const renew = async (id: string) => {
    const answer = await refresh();
    const url = answer && listRecordings(answer).find((one) => one.id === id)?.url;
    if (url == null || recordings.some((one) => one.id === id && one.url === url)) return false;
    setKnown((before) => ({
      ...before,
      recordings: before.recordings.map((one) => (one.id === id ? { ...one, url } : one)),
    }));
    return true;
  };
  return { recordings, renew };
}
