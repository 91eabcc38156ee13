import { createClient, type OutputOf } from '@colloquy/sdk';

/** Where the console is served, without a slash at its end: the API lies beside it. */
export const HERE = document.baseURI.replace(/\/+$/, '');

export type Session = OutputOf<'GetSession'>;

const CSRF_HEADER = 'X-CSRF-Token';
let held: Session | null = null;

/** Keeps who is signed in, and what the server asks for with each change beside the cookie. */
export function holdSession(session: Session | null): void {
  held = session;
}

/** Whether somebody is signed in, as far as this page knows. */
export const isSomebodyHere = (): boolean => held !== null;

/**
 * Asks who is signed in. Where that has become another person, as when somebody else signed in in another
 * tab, the page begins anew: what it shows is not theirs.
 */
export async function readSession(signal?: AbortSignal): Promise<Session> {
  const session = await client.getSession({}, signal ? { signal } : {});
  if (held !== null && held.User.UserId !== session.User.UserId) {
    location.reload();
    return new Promise(() => undefined);
  }
  held = session;
  return session;
}

/**
 * Authenticated by the browser's cookie. It does not wait to try again: whoever is told to come back later
 * is to read that. What is only read is tried again by the queries.
 */
export const client = createClient({
  baseUrl: HERE,
  retries: 0,
  headers: (): Record<string, string> =>
    held?.CsrfToken == null ? {} : { [CSRF_HEADER]: held.CsrfToken },
  fetch: async (input, init) => {
    const answer = await fetch(input, init);
    if (!(await isOfEarlierSession(answer))) return answer;
    const session = await readSession().catch(() => null);
    if (session?.CsrfToken == null) return answer;
    const headers = new Headers(init?.headers);
    headers.set(CSRF_HEADER, session.CsrfToken);
    return fetch(input, { ...init, headers });
  },
});

/** Whether a change was refused because the same browser has signed in anew since, in another tab. */
async function isOfEarlierSession(answer: Response): Promise<boolean> {
  if (answer.status !== 403) return false;
  return (await answer.clone().text()).includes(':CSRF_TOKEN_INVALID"');
}
