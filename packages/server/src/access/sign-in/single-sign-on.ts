import type { OidcConfig } from '../../config.ts';
import { newId } from '../../kernel/ids.ts';
import type { Authorizer } from '../authorization/authorizer.ts';
import { hasInvitation, takeInvitationsOf } from '../members/invitation-store.ts';
import { joinBusiness } from '../members/invitations.ts';
import { insertUser } from '../store.ts';
import { isReservedEmail } from '../users/reserved-email.ts';
import { findPerson, findPersonByEmail, proveEmail } from './account-store.ts';
import { nameOf } from './join.ts';
import { type More, openLibrary, type SignInContext } from './library.ts';
import { findRecords } from './library-store.ts';
import { isSessionCookie } from './sessions.ts';

export const START_PATH = '/api/auth/oidc/start';
export const CALLBACK_PATH = '/api/auth/oidc/callback';
const PROVIDER = 'oidc';
/** A provider that is asked and does not answer must not keep somebody waiting for ever. */
const PATIENCE_MILLISECONDS = 15_000;
const MAX_PATH = 1_024;

/** Where a browser is sent, and the cookies that it is to keep. */
export interface Onward {
  readonly location: string;
  readonly setCookies: readonly string[];
}

/** Signing in with an OpenID provider; what goes wrong leads back to the page to sign in at. */
export interface SingleSignOn {
  /** To the provider; `to` is the path to come back to in the end. */
  start(to: string | undefined): Promise<Onward>;
  /** From the provider, signed in or not. */
  finish(query: Readonly<Record<string, string>>, cookie: string | undefined): Promise<Onward>;
}

/** Why somebody is not let in, as the page to sign in at is told. */
type Refusal = 'NOT_INVITED' | 'EMAIL_NOT_VERIFIED' | 'EMAIL_RESERVED' | 'USER_DISABLED';

/** null where there is no provider. */
export function openSingleSignOn(ctx: SignInContext, authorizer: Authorizer): SingleSignOn | null {
  const { oidc } = ctx.config;
  if (oidc === null) return null;
  // Apart from what keeps sessions, which must not wait for a provider.
  let loading: ReturnType<typeof openProvider> | null = null;
  const provider = () => {
    loading ??= openProvider(ctx, authorizer, oidc).catch((error: unknown) => {
      loading = null;
      throw error;
    });
    return loading;
  };
  const home = () => ctx.publicUrl();
  const failed = (code: string): Onward => ({
    location: `${home()}/sign-in?error=${code}`,
    setCookies: [],
  });
  const orFailed = async (work: () => Promise<Onward>): Promise<Onward> => {
    try {
      return await inTime(work());
    } catch (error) {
      ctx.log.warn({ err: error }, 'single sign-on failed');
      return failed('SINGLE_SIGN_ON_UNAVAILABLE');
    }
  };

  return {
    start: async (to = '/') => {
      if (!isOwnPath(to, home())) return failed('INVALID_REQUEST');
      return orFailed(async () => {
        const { api } = await provider();
        const { headers, response } = await api.signInSocial({
          body: {
            provider: PROVIDER,
            callbackURL: home() + to,
            errorCallbackURL: `${home()}/sign-in`,
            disableRedirect: true,
          },
          headers: new Headers(),
          returnHeaders: true,
        });
        return { location: response.url ?? '', setCookies: headers.getSetCookie() };
      });
    },
    finish: (query, cookie) =>
      orFailed(async () => {
        const { api } = await provider();
        const answer = await api.callbackOAuth({
          params: { id: PROVIDER },
          query,
          headers: new Headers(cookie === undefined ? {} : { cookie }),
          asResponse: true,
        });
        const location = answer.headers.get('location') ?? home();
        const setCookies = answer.headers.getSetCookie();
        if (setCookies.some(isSessionCookie)) return { location, setCookies };
        return failed(codeOf(new URL(location).searchParams.get('error')));
      }),
  };
}

const CODES: Readonly<Record<string, string>> = {
  NOT_INVITED: 'NOT_INVITED',
  EMAIL_NOT_VERIFIED: 'EMAIL_NOT_VERIFIED',
  EMAIL_RESERVED: 'EMAIL_RESERVED',
  USER_DISABLED: 'USER_DISABLED',
  // Of a user whose address the provider does not vouch for.
  account_not_linked: 'EMAIL_NOT_VERIFIED',
  access_denied: 'ACCESS_DENIED',
  email_not_found: 'EMAIL_MISSING',
  state_mismatch: 'SIGN_IN_EXPIRED',
  state_not_found: 'SIGN_IN_EXPIRED',
  state_invalid: 'SIGN_IN_EXPIRED',
};

const codeOf = (error: string | null) => CODES[error ?? ''] ?? 'SIGN_IN_FAILED';

/** Whether it is a path here, and stays one however a browser reads it. */
function isOwnPath(to: string, home: string): boolean {
  const isPlain = /^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/.test(to) && to.length <= MAX_PATH;
  return isPlain && new URL(to, home).origin === new URL(home).origin;
}

function inTime<T>(work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new Error('the OpenID provider does not answer')),
    PATIENCE_MILLISECONDS,
  );
  return Promise.race([work, late.promise]).finally(() => clearTimeout(timer));
}

async function openProvider(ctx: SignInContext, authorizer: Authorizer, oidc: OidcConfig) {
  const { genericOAuth } = await import('better-auth/plugins/generic-oauth');
  const plugin = genericOAuth({
    config: [
      {
        providerId: PROVIDER,
        discoveryUrl: `${oidc.issuer}/.well-known/openid-configuration`,
        clientId: oidc.clientId,
        clientSecret: oidc.clientSecret,
        redirectURI: ctx.publicUrl() + CALLBACK_PATH,
        scopes: ['openid', 'email', 'profile'],
        pkce: true,
        requireIdTokenVerification: true,
        // Subjects are unique per provider only.
        accountSubject: ({ tokens, profile }) => {
          // The library checks the token that it is given; without one it takes the word of `userinfo`.
          if (!tokens.idToken) throw new Error('the provider returned no id_token');
          return `${oidc.issuer} ${profile.sub}`;
        },
        // An address opens the user that has it here. Where people may write any into their profile and
        // the provider says nothing of it, that would be anybody's.
        mapProfileToUser: ({ email, email_verified: said }) => ({
          emailVerified:
            !isDisguised(String(email)) &&
            (said === true || said === 'true' || (said == null && oidc.vouchesForAll)),
        }),
      },
    ],
  });
  return openLibrary(ctx, { plugins: [plugin], ...admission(ctx, authorizer) });
}

/** Whether an address becomes another one, all of ASCII, in small letters: the library writes those. */
const isDisguised = (email: string) =>
  !/^[\x21-\x7e]*$/.test(email) && /^[\x21-\x7e]*$/.test(email.toLowerCase());

/** Who is let in: users, by an address that the provider vouches for, and whoever is invited by it. */
function admission(ctx: SignInContext, authorizer: Authorizer): Omit<More, 'plugins'> {
  const { db, clock } = ctx;
  return {
    async validateUserInfo({ user, source }) {
      const refuse = (error: Refusal) => ({ error });
      const email = String(user.email ?? '');
      if (isReservedEmail(email)) return refuse('EMAIL_RESERVED');
      if (user.emailVerified !== true) return refuse('EMAIL_NOT_VERIFIED');
      const now = clock.now();
      const isInvited = await hasInvitation(db, email, now);
      if (source.action === 'create-user') return isInvited ? undefined : refuse('NOT_INVITED');
      const person = user.id ? await findPerson(db, user.id) : await findPersonByEmail(db, email);
      if (!person) return refuse('NOT_INVITED');
      // Before, single sign-on could link a subject to the first admin.
      if (isReservedEmail(person.email)) return refuse('EMAIL_RESERVED');
      if (person.isDisabled) return refuse('USER_DISABLED');
      if (!isInvited && person.isEmailProven) return undefined;
      await authorizer.change(async (tx) => {
        if (!person.isEmailProven) await proveEmail(tx, person.userId);
        for (const invitation of await takeInvitationsOf(tx, email, now)) {
          await joinBusiness(tx, ctx, invitation, person.userId);
        }
      });
      return undefined;
    },
    createUser: (email, name) =>
      authorizer.change(async (tx) => {
        const now = clock.now();
        const invitations = await takeInvitationsOf(tx, email, now);
        const [first] = invitations;
        if (!first) throw new Error('an invitation was taken back meanwhile');
        const user = await insertUser(tx, {
          // As it was written in the invitation; the library writes small letters only.
          email: first.email,
          userId: newId('user', now),
          isAdmin: false,
          isEmailProven: true,
          createdAt: now,
          name: name === '' ? nameOf(email) : name,
        });
        if (!user) throw new Error('a user of the address was made meanwhile');
        for (const invitation of invitations) await joinBusiness(tx, ctx, invitation, user.userId);
        const [record] = await findRecords(tx, 'user', [{ field: 'id', value: user.userId }]);
        return record ?? {};
      }),
  };
}
