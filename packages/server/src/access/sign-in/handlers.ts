import type { OutputOf } from '@colloquy/wire';
import { formatInstant } from '../../kernel/instant.ts';
import type { Authorizer } from '../authorization/authorizer.ts';
import type { Answer, Handlers } from '../authorization/call.ts';
import type { Session } from '../authorization/scope.ts';
import { findPerson, isPasswordHash, setUserProfile } from './account-store.ts';
import { accept, type Known, lookAt } from './join.ts';
import type { SignInContext } from './library.ts';
import { createSignInLink } from './links.ts';
import { wrongPassword } from './lock-out.ts';
import type { Sessions } from './sessions.ts';
import { changePassword, checkPassword, requireSession } from './sign-in.ts';
import { START_PATH } from './single-sign-on.ts';

type SignInOps =
  | 'GetSignInOptions'
  | 'SignIn'
  | 'GetSession'
  | 'SignOut'
  | 'ChangePassword'
  | 'UpdateProfile'
  | 'GetInvitation'
  | 'AcceptInvitation'
  | 'CreateSignInLink';

export function signInHandlers(
  ctx: SignInContext,
  authorizer: Authorizer,
  sessions: Sessions,
): Handlers<SignInOps> {
  /** `session` is null with a key. */
  async function sessionJson(
    userId: string,
    session: Session | null,
  ): Promise<OutputOf<'GetSession'>> {
    const person = await findPerson(ctx.db, userId);
    if (!person) throw new Error(`user ${userId} is gone`);
    const { email, name, isAdmin, passwordHash } = person;
    return {
      User: {
        UserId: userId,
        Email: email,
        Name: name,
        IsAdmin: isAdmin,
        HasPassword: passwordHash !== null,
      },
      CsrfToken: session && sessions.csrfToken(session),
      ExpiresAt: session && formatInstant(session.expiresAt),
    };
  }
  async function begin(
    { userId, passwordHash }: Known,
    status: 200 | 201,
  ): Promise<Answer<'SignIn'>> {
    const { session, setCookies } = await sessions.begin(userId);
    // Whoever set another password meanwhile ended all sessions, but not this one, which came later.
    if (!(await isPasswordHash(ctx.db, userId, passwordHash))) {
      await sessions.end(session);
      throw wrongPassword();
    }
    return { status, data: await sessionJson(userId, session), setCookies };
  }

  return {
    async GetSignInOptions() {
      const { oidc } = ctx.config;
      const Url = ctx.publicUrl().replace(/^https?:\/\/[^/]+/, '') + START_PATH;
      return {
        data: { PasswordSignIn: true, SingleSignOn: oidc && { Name: oidc.name, Url } },
      };
    },
    async SignIn({ body }) {
      return begin(await checkPassword(ctx, body.Email, body.Password), 200);
    },
    async GetSession({ scope }) {
      return { data: await sessionJson(scope.userId, scope.session) };
    },
    async SignOut({ scope }) {
      if (!scope.session) return { data: {} };
      return { data: {}, setCookies: await sessions.end(scope.session) };
    },
    async ChangePassword({ scope, body }) {
      const { CurrentPassword: current, NewPassword: wanted } = body;
      const session = await changePassword(ctx, scope, current, wanted);
      return { data: await sessionJson(scope.userId, session) };
    },
    async UpdateProfile({ scope, body }) {
      const session = requireSession(scope);
      await setUserProfile(ctx.db, scope.userId, body.Name, null);
      return { data: await sessionJson(scope.userId, session) };
    },
    async GetInvitation({ body }) {
      const looked = await lookAt(ctx, body.Token);
      const data: OutputOf<'GetInvitation'> = {
        Kind: looked.kind,
        Email: looked.email,
        Name: looked.name,
        BusinessName: looked.businessName,
        Role: looked.role,
        HasPassword: looked.hasPassword,
        ExpiresAt: looked.expiresAt === null ? null : formatInstant(looked.expiresAt),
      };
      return { data };
    },
    async AcceptInvitation({ body }) {
      const known = await accept(ctx, authorizer, {
        token: body.Token,
        password: body.Password,
        email: body.Email ?? null,
        name: body.Name ?? null,
      });
      return begin(known, 201);
    },
    async CreateSignInLink({ scope, params }) {
      const { url, expiresAt } = await createSignInLink(ctx, params.userId);
      ctx.log.info({ userId: params.userId, by: scope.userId }, 'a link to sign in was made');
      return { status: 201, data: { Url: url, ExpiresAt: formatInstant(expiresAt) } };
    },
  };
}
