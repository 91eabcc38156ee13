import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ListedConversation } from '../conversations/facts.ts';

export interface Neighbours {
  readonly previous: string | null;
  readonly next: string | null;
}

/** On the page of the list that the user came from, as it was then; null without a list. */
export function useNeighbours(businessId: number, sessionId: string): Neighbours | null {
  const queries = useQueryClient();
  const [ids] = useState(() => {
    const [page] = queries
      .getQueryCache()
      .findAll({ queryKey: ['GetConversations', { businessId }] })
      .map(({ state }) => ({ at: state.dataUpdatedAt, ids: idsOf(state.data) }))
      .filter((one) => one.ids.includes(sessionId))
      .sort((a, b) => b.at - a.at);
    return page?.ids ?? [];
  });
  const at = ids.indexOf(sessionId);
  if (at < 0) return null;
  return { previous: ids[at - 1] ?? null, next: ids[at + 1] ?? null };
}

const idsOf = (data: unknown): readonly string[] =>
  (data as { Items?: readonly ListedConversation[] } | undefined)?.Items?.map(({ Id }) => Id) ?? [];
