import { type QueryClient, queryOptions, useQuery } from '@tanstack/react-query';
import { readSession, type Session, setSession } from '../api/client.ts';

const sessionQuery = queryOptions({
  queryKey: ['GetSession', {}],
  queryFn: ({ signal }) => readSession(signal),
});

export const requireSession = (queries: QueryClient): Promise<Session> =>
  queries.ensureQueryData(sessionQuery);

export function useSession(): Session {
  const { data } = useQuery(sessionQuery);
  if (!data) throw new Error('the session is not loaded');
  return data;
}

export const useOptionalSession = (): Session | null => useQuery(sessionQuery).data ?? null;

export function updateSession(queries: QueryClient, session: Session): void {
  setSession(session);
  queries.setQueryData(sessionQuery.queryKey, session);
}

export function beginSession(queries: QueryClient, session: Session): void {
  endSession(queries);
  updateSession(queries, session);
}

export function endSession(queries: QueryClient): void {
  setSession(null);
  queries.removeQueries({ type: 'inactive' });
  queries.getMutationCache().clear();
}
