import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { useEffect, useSyncExternalStore } from 'react';
import { client } from './client.ts';
import { isForbidden, isSignedOut } from './failure.ts';

/** Events that arrive within this time cause one refresh of a conversation, or of lists. */
const GATHER_MILLISECONDS = 150;
const GATHER_FOR_LISTS_MILLISECONDS = 750;
/** Lists do not show these. */
const UNLISTED: ReadonlySet<string> = new Set(['MessageAdded', 'LogAdded']);
const RETRY_MILLISECONDS = 10_000;

let isConnected = false;
const listeners = new Set<() => void>();

function setConnected(value: boolean): void {
  if (isConnected === value) return;
  isConnected = value;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** True while changes of conversations arrive by themselves, so no page needs to poll. */
export const useIsLive = (): boolean => useSyncExternalStore(subscribe, () => isConnected);

/**
 * Refreshes what a visible tab shows of conversations when they change. One stream serves all parts
 * of a tab, because a browser opens only six connections to a server with HTTP/1.1.
 */
export function useLiveReads(businessId: number): void {
  const queries = useQueryClient();
  useEffect(() => {
    let following: AbortController | null = null;
    const adapt = () => {
      if (document.visibilityState === 'visible') {
        following ??= follow(queries, businessId);
      } else {
        following?.abort();
        following = null;
      }
    };
    adapt();
    document.addEventListener('visibilitychange', adapt);
    return () => {
      document.removeEventListener('visibilitychange', adapt);
      following?.abort();
    };
  }, [queries, businessId]);
}

function follow(queries: QueryClient, businessId: number): AbortController {
  const stopping = new AbortController();
  const { signal } = stopping;
  const refresh = gather(GATHER_MILLISECONDS, (sessionIds) => {
    for (const sessionId of signal.aborted ? [] : sessionIds) {
      void queries.invalidateQueries({ queryKey: ['GetConversation', { businessId, sessionId }] });
    }
  });
  const refreshLists = gather(GATHER_FOR_LISTS_MILLISECONDS, () => {
    if (signal.aborted) return;
    void queries.invalidateQueries({ queryKey: ['GetConversations', { businessId }] });
  });
  const refreshAll = () => {
    for (const name of ['GetConversations', 'GetConversation']) {
      void queries.invalidateQueries({ queryKey: [name, { businessId }] });
    }
  };
  const onOpen = () => {
    // What was missed before is read once.
    refreshAll();
    setConnected(true);
  };
  const onLost = () => setConnected(false);
  const run = async () => {
    while (!signal.aborted) {
      try {
        for await (const event of client.stream({ businessId }, { signal, onOpen, onLost })) {
          if (event.Type === 'Reset') refreshAll();
          else {
            refresh(event.ConversationId);
            if (!UNLISTED.has(event.Type)) refreshLists(event.ConversationId);
          }
        }
      } catch (error) {
        // Pages then say what is not allowed.
        if (isForbidden(error) || isSignedOut(error)) return;
      } finally {
        onLost();
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_MILLISECONDS));
    }
  };
  void run();
  return stopping;
}

function gather(milliseconds: number, done: (ids: ReadonlySet<string>) => void) {
  let waiting: Set<string> | null = null;
  return (id: string): void => {
    if (waiting) {
      waiting.add(id);
      return;
    }
    waiting = new Set([id]);
    setTimeout(() => {
      const ids = waiting ?? new Set();
      waiting = null;
      done(ids);
    }, milliseconds);
  };
}
