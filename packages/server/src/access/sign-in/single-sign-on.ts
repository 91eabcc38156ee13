import type { OidcConfig } from '../../config.ts';
import { newId } from '../../kernel/ids.ts';
import { lazy } from '../../kernel/lazy.ts';
import type { Authorizer } from '../authorization/authorizer.ts';
import { hasInvitation, takeInvitationsOf } from '../members/invitation-store.ts';
import { joinBusiness } from '../members/invitations.ts';
import { insertUser } from '../store.ts';
import { isReservedEmail } from '../users/reserved-email.ts';
import { findPerson, findPersonByEmail, proveEmail } from './account-store.ts';
import { nameOf } from './join.ts';
import { type LibraryExtensions, openLibrary, type SignInContext } from './library.ts';
import { findRecords } from './library-store.ts';
import { isSessionCookie } from './sessions.ts';

export const START_PATH = '/api/auth/oidc/start';
export const CALLBACK_PATH = '/api/auth/oidc/callback';
const PROVIDER = 'oidc';
const PROVIDER_TIMEOUT_MILLISECONDS = 15_000;
const MAX_PATH = 1_024;

export interface BrowserRedirect {
  readonly location: string;
  readonly setCookies: readonly string[];
}

export type SingleSignOn = NonNullable<ReturnType<typeof openSingleSignOn>>;

const REFUSALS = ['NOT_INVITED', 'EMAIL_NOT_VERIFIED', 'EMAIL_RESERVED', 'USER_DISABLED'] as const;

/** Failures redirect to the sign-in page. */
export function openSingleSignOn(ctx: SignInContext, authorizer: Authorizer) {
  const { oidc } = ctx.config;
  if (oidc === null) return null;
  // A second instance, because sessions must not wait for the provider.
  const provider = lazy(() => openProvider(ctx, authorizer, oidc));
  const home = () => ctx.publicUrl();
  const failed = (code: string): BrowserRedirect => ({
    location: `${home()}/sign-in?error=${code}`,
    setCookies: [],
  });
  const redirectOnFailure = async (work: () => Promise<BrowserRedirect>) => {
    try {
      return await withTimeout(work());
    } catch (error) {
      ctx.log.warn({ err: error }, 'single sign-on failed');
      return failed('SINGLE_SIGN_ON_UNAVAILABLE');
    }
  };

  return {
    /** `to` is the path to return to after signing in. */
    start: async (to = '/'): Promise<BrowserRedirect> => {
      if (!isOwnPath(to, home())) return failed('INVALID_REQUEST');
      return redirectOnFailure(async () => {
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
    finish: (query: Readonly<Record<string, string>>, cookie: string | undefined) =>
      redirectOnFailure(async () => {
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
  ...Object.fromEntries(REFUSALS.map((code) => [code, code])),
  account_not_linked: 'EMAIL_NOT_VERIFIED',
  access_denied: 'ACCESS_DENIED',
  email_not_found: 'EMAIL_MISSING',
  state_mismatch: 'SIGN_IN_EXPIRED',
  state_not_found: 'SIGN_IN_EXPIRED',
  state_invalid: 'SIGN_IN_EXPIRED',
};

const codeOf = (error: string | null) => CODES[error ?? ''] ?? 'SIGN_IN_FAILED';

/** True if `to` is a path of this server, in every browser's interpretation. */
function isOwnPath(to: string, home: string): boolean {
  const isPlain = /^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/.test(to) && to.length <= MAX_PATH;
  return isPlain && new URL(to, home).origin === new URL(home).origin;
}

function withTimeout<T>(work: Promise<T>): Promise<T> {
  const timeout = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => timeout.reject(new Error('the OpenID provider does not answer')),
    PROVIDER_TIMEOUT_MILLISECONDS,
  );
  return Promise.race([work, timeout.promise]).finally(() => clearTimeout(timer));
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
        // Subjects are unique only per provider.
        accountSubject: ({ tokens, profile }) => {
          // The library verifies a token only if there is one; otherwise it trusts `userinfo`.
          if (!tokens.idToken) throw new Error('the provider returned no id_token');
          return `${oidc.issuer} ${profile.sub}`;
        },
        // The address selects the user here. An unverified address that users can edit at the provider
        // would allow anyone to sign in as anyone.
        mapProfileToUser: ({ email, email_verified: verified }) => ({
          emailVerified:
            !isDisguised(String(email)) &&
            (verified === true || verified === 'true' || (verified == null && oidc.vouchesForAll)),
        }),
      },
    ],
  });
  return openLibrary(ctx, { plugins: [plugin], ...admissionRules(ctx, authorizer) });
}

/** True if lower-casing turns a non-ASCII address into an ASCII one; the library stores lower case. */
const isDisguised = (email: string) =>
  !/^[\x21-\x7e]*$/.test(email) && /^[\x21-\x7e]*$/.test(email.toLowerCase());

function admissionRules(
  ctx: SignInContext,
  authorizer: Authorizer,
): Omit<LibraryExtensions, 'plugins'> {
  const { db, clock } = ctx;
  return {
    async validateUserInfo({ user, source }) {
      const refuse = (error: (typeof REFUSALS)[number]) => ({ error });
      const email = String(user.email ?? '');
      if (isReservedEmail(email)) return refuse('EMAIL_RESERVED');
      if (user.emailVerified !== true) return refuse('EMAIL_NOT_VERIFIED');
      const now = clock.now();
      const isInvited = await hasInvitation(db, email, now);
      if (source.action === 'create-user') return isInvited ? undefined : refuse('NOT_INVITED');
      const person = user.id ? await findPerson(db, user.id) : await findPersonByEmail(db, email);
      if (!person) return refuse('NOT_INVITED');
      // Earlier releases allowed linking a subject to the first admin.
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
        if (!first) throw new Error('the invitation has been revoked');
        const user = await insertUser(tx, {
          // The spelling of the invitation; the library lower-cases addresses.
          email: first.email,
          userId: newId('user', now),
          isAdmin: false,
          isEmailProven: true,
          createdAt: now,
          name: name === '' ? nameOf(email) : name,
        });
        if (!user) throw new Error('a user with this address already exists');
        for (const invitation of invitations) await joinBusiness(tx, ctx, invitation, user.userId);
        const [record] = await findRecords(tx, 'user', [{ field: 'id', value: user.userId }]);
        return record ?? {};
      }),
  };
}
