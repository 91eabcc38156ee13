import { Fault } from '../../kernel/fault.ts';
import type { Session } from '../authorization/scope.ts';
import { COOKIE_PREFIX, type Library, openLibrary, type SignInContext } from './library.ts';

/** A session, and what its cookie is to be in the answer. */
export interface Begun {
  readonly session: Session;
  readonly setCookies: readonly string[];
}

/** Whoever is signed in, by the cookie of a browser. */
export interface Sessions {
  /** Whether a request has a cookie of ours at all, whatever it is worth. */
  hasCookie(cookie: string): boolean;
  /** The session of a cookie, renewed where it is a day old; null where it is none, or over. */
  find(cookie: string): Promise<{ session: Session | null; setCookies: readonly string[] }>;
  /** A session of a user who has shown who they are. */
  begin(userId: string): Promise<Begun>;
  /** Ends it; gives what takes the cookie away. */
  end(session: Session): Promise<readonly string[]>;
  /** What goes with each change that is made by its cookie. */
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

/** Whether it begins a session, and takes none away. */
export const isSessionCookie = (setCookie: string): boolean =>
  COOKIE.test(setCookie) && !/; *max-age=0/i.test(setCookie);

/** `library` loads what keeps sessions, once. */
export function openSessions(
  { secrets }: Pick<SignInContext, 'secrets'>,
  library: () => Promise<Library>,
): Sessions {
  return {
    hasCookie: (cookie) => COOKIE.test(cookie),
    async find(cookie) {
      const { api } = await library();
      const { headers, response } = await unwrapped(
        api.getSession({ headers: new Headers({ cookie }), returnHeaders: true }),
      );
      const found = response?.session;
      return { session: found ? sessionOf(found) : null, setCookies: headers.getSetCookie() };
    },
    async begin(userId) {
      const { api } = await library();
      const { headers, response } = await unwrapped(
        api.beginSession({ body: { userId }, returnHeaders: true }),
      );
      if (!response) throw new Error(`no session could be begun for ${userId}`);
      return { session: sessionOf(response), setCookies: headers.getSetCookie() };
    },
    async end({ token }) {
      const { api } = await library();
      const { headers } = await unwrapped(api.endSession({ body: { token }, returnHeaders: true }));
      return headers.getSetCookie();
    },
    csrfToken: ({ token }) => secrets.sign('csrf', token),
    isCsrfToken: ({ token }, given) => secrets.verify('csrf', token, given),
  };
}

/** A Fault that the library has wrapped, as it was. */
async function unwrapped<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    for (let cause = error; cause instanceof Error; cause = cause.cause) {
      if (cause instanceof Fault) throw cause;
    }
    throw error;
  }
}

/** Loads the library when it is needed first. One that could not be loaded is tried again. */
export function lazyLibrary(ctx: SignInContext): () => Promise<Library> {
  let loading: Promise<Library> | null = null;
  return () => {
    loading ??= openLibrary(ctx).catch((error: unknown) => {
      loading = null;
      throw error;
    });
    return loading;
  };
}

const sessionOf = ({ id, userId, token, expiresAt }: SessionRecord): Session => ({
  sessionId: id,
  userId,
  token,
  expiresAt: expiresAt.getTime(),
});
