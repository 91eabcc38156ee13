import { type QueryClient, queryOptions, useQuery } from '@tanstack/react-query';
import { holdSession, readSession, type Session } from '../api/client.ts';

const sessionQuery = queryOptions({
  queryKey: ['GetSession', {}],
  queryFn: ({ signal }) => readSession(signal),
});

/** Who is signed in; throws the API's refusal where nobody is. */
export const requireSession = (queries: QueryClient): Promise<Session> =>
  queries.ensureQueryData(sessionQuery);

export function useSession(): Session {
  const { data } = useQuery(sessionQuery);
  if (!data) throw new Error('nobody is signed in here');
  return data;
}

/** Who is signed in, on pages that are for all. */
export const useWhoIsHere = (): Session | null => useQuery(sessionQuery).data ?? null;

/** What a changed name or password gives. */
export function keepSession(queries: QueryClient, session: Session): void {
  holdSession(session);
  queries.setQueryData(sessionQuery.queryKey, session);
}

/** What signing in or joining gives: nothing of whoever was here before stays. */
export function beginSession(queries: QueryClient, session: Session): void {
  endSession(queries);
  keepSession(queries, session);
}

/** Leaves nothing in this page's memory but what is on the screen, which is nobody's. */
export function endSession(queries: QueryClient): void {
  holdSession(null);
  queries.removeQueries({ type: 'inactive' });
  queries.getMutationCache().clear();
}
