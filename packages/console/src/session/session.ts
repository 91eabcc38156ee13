import type { InputOf, OutputOf } from '@colloquy/sdk';
import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { keepCsrfToken } from '../api/client.ts';
import { opQuery, useChange, useOp } from '../api/use-op.ts';

export type Session = OutputOf<'GetSession'>;

/** Who is signed in; throws the API's refusal where nobody is. */
export async function requireSession(queries: QueryClient): Promise<Session> {
  const session = await queries.ensureQueryData({
    ...opQuery('GetSession', {}),
    staleTime: 60_000,
  });
  keepCsrfToken(session.CsrfToken);
  return session;
}

/** What a success of signing in, of joining or of a changed password gives. */
export function rememberSession(queries: QueryClient, session: Session): void {
  keepCsrfToken(session.CsrfToken);
  queries.setQueryData(opQuery('GetSession', {}).queryKey, session);
}

export function useSession(): Session {
  const { data } = useOp('GetSession', {});
  if (!data) throw new Error('nobody is signed in here');
  return data;
}

/** Ends the session; nothing of it stays in this page's memory. */
export function useSignOut(): () => void {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const signOut = useChange('SignOut');
  return () =>
    signOut.mutate({} as InputOf<'SignOut'>, {
      onSettled: () => {
        keepCsrfToken(null);
        queries.clear();
        void navigate({ to: '/sign-in' });
      },
    });
}
