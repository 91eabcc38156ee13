import { Fault } from '../../kernel/fault.ts';
import { lazy } from '../../kernel/lazy.ts';
import type { Session } from '../authorization/scope.ts';
import { COOKIE_PREFIX, type Library, openLibrary, type SignInContext } from './library.ts';

export type Sessions = ReturnType<typeof openSessions>;

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
) {
  return {
    hasCookie: (cookie: string) => COOKIE.test(cookie),
    /** Renewed if it is a day old; null if it is invalid or over. */
    async find(cookie: string) {
      const { api } = await library();
      const { headers, response } = await unwrapFault(
        api.getSession({ headers: new Headers({ cookie }), returnHeaders: true }),
      );
      const found = response?.session;
      return { session: found ? sessionOf(found) : null, setCookies: headers.getSetCookie() };
    },
    async start(userId: string) {
      const { api } = await library();
      const { headers, response } = await unwrapFault(
        api.beginSession({ body: { userId }, returnHeaders: true }),
      );
      if (!response) throw new Error(`no session could be started for ${userId}`);
      return { session: sessionOf(response), setCookies: headers.getSetCookie() };
    },
    /** Returns the Set-Cookie headers that remove the cookie. */
    async end({ token }: Session) {
      const { api } = await library();
      const { headers } = await unwrapFault(
        api.endSession({ body: { token }, returnHeaders: true }),
      );
      return headers.getSetCookie();
    },
    /** Required with every change that is authenticated by the cookie. */
    csrfToken: ({ token }: Session) => secrets.sign('csrf', token),
    isCsrfToken: ({ token }: Session, given: string) => secrets.verify('csrf', token, given),
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
