import { Fault } from '../../kernel/fault.ts';
import { lazy } from '../../kernel/lazy.ts';
import type { Session } from '../authorization/scope.ts';
import { COOKIE_PREFIX, type Library, openLibrary, type SignInContext } from './library.ts';

export interface StartedSession {
  readonly session: Session;
  readonly setCookies: readonly string[];
}

export interface Sessions {
  /** True if there is a session cookie, valid or not. */
  hasCookie(cookie: string): boolean;
  /** The session of a cookie, renewed if it is a day old; null if it is invalid or over. */
  find(cookie: string): Promise<{ session: Session | null; setCookies: readonly string[] }>;
  start(userId: string): Promise<StartedSession>;
  /** Returns the Set-Cookie headers that remove the cookie. */
  end(session: Session): Promise<readonly string[]>;
  /** Required with every change that is authenticated by the cookie. */
  csrfToken(session: Session): string;
  isCsrfToken(session: Session, token: string): boolean;
}

interface SessionRecord {
  readonly id: string;
  readonly userId: string;
  readonly token: string;
  readonly expiresAt: Date;
}

const COOKIE = new RegExp(`(?:^|;) *(?:__Secure-)?${COOKIE_PREFIX}\\.session_token=`);

export const isSessionCookie = (setCookie: string): boolean =>
  COOKIE.test(setCookie) && !/; *max-age=0/i.test(setCookie);

export function openSessions(
  { secrets }: Pick<SignInContext, 'secrets'>,
  library: () => Promise<Library>,
): Sessions {
  return {
    hasCookie: (cookie) => COOKIE.test(cookie),
    async find(cookie) {
      const { api } = await library();
      const { headers, response } = await unwrapFault(
        api.getSession({ headers: new Headers({ cookie }), returnHeaders: true }),
      );
      const found = response?.session;
      return { session: found ? sessionOf(found) : null, setCookies: headers.getSetCookie() };
    },
    async start(userId) {
      const { api } = await library();
      const { headers, response } = await unwrapFault(
        api.beginSession({ body: { userId }, returnHeaders: true }),
      );
      if (!response) throw new Error(`no session could be started for ${userId}`);
      return { session: sessionOf(response), setCookies: headers.getSetCookie() };
    },
    async end({ token }) {
      const { api } = await library();
      const { headers } = await unwrapFault(
        api.endSession({ body: { token }, returnHeaders: true }),
      );
      return headers.getSetCookie();
    },
    csrfToken: ({ token }) => secrets.sign('csrf', token),
    isCsrfToken: ({ token }, given) => secrets.verify('csrf', token, given),
  };
}

/** Rethrows a Fault that the library has wrapped. */
async function unwrapFault<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    for (let cause = error; cause instanceof Error; cause = cause.cause) {
      if (cause instanceof Fault) throw cause;
    }
    throw error;
  }
}

export const loadLibraryLazily = (ctx: SignInContext): (() => Promise<Library>) =>
  lazy(() => openLibrary(ctx));

const sessionOf = ({ id, userId, token, expiresAt }: SessionRecord): Session => ({
  sessionId: id,
  userId,
  token,
  expiresAt: expiresAt.getTime(),
});
