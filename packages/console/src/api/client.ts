import { createClient, type OutputOf } from '@colloquy/sdk';

/** The API has the same base. */
export const BASE_URL = document.baseURI.replace(/\/+$/, '');

export type Session = OutputOf<'GetSession'>;

const CSRF_HEADER = 'X-CSRF-Token';
let currentSession: Session | null = null;

export function setSession(session: Session | null): void {
  currentSession = session;
}

export const isSignedIn = (): boolean => currentSession !== null;

/** Reloads the page, which has data of the previous user, if another one signed in elsewhere. */
export async function readSession(signal?: AbortSignal): Promise<Session> {
  const session = await client.getSession({}, signal ? { signal } : {});
  if (currentSession !== null && currentSession.User.UserId !== session.User.UserId) {
    location.reload();
    return new Promise(() => undefined);
  }
  currentSession = session;
  return session;
}

/** Does not retry: users must see a "try again later", and queries retry reads. */
export const client = createClient({
  baseUrl: BASE_URL,
  retries: 0,
  headers: (): Record<string, string> =>
    currentSession?.CsrfToken == null ? {} : { [CSRF_HEADER]: currentSession.CsrfToken },
  fetch: async (input, init) => {
    const sentBy = currentSession;
    const answer = await fetch(input, init);
    if (!(await isOfEarlierSession(answer, sentBy))) return answer;
    const session = await readSession().catch(() => null);
    if (session?.CsrfToken == null) return answer;
    const headers = new Headers(init?.headers);
    headers.set(CSRF_HEADER, session.CsrfToken);
    return fetch(input, { ...init, headers });
  },
});

/** True if refused only because the browser has signed in again since the request was sent. */
async function isOfEarlierSession(answer: Response, sentBy: Session | null): Promise<boolean> {
  if (answer.status === 401) return currentSession !== null && currentSession !== sentBy;
  if (answer.status !== 403) return false;
  return (await answer.clone().text()).includes(':CSRF_TOKEN_INVALID"');
}
