import type { OutputOf } from '@colloquy/wire';
import { formatInstant } from '../../kernel/instant.ts';
import type { Authorizer } from '../authorization/authorizer.ts';
import type { Answer, Handlers } from '../authorization/call.ts';
import type { Session } from '../authorization/scope.ts';
import { findPerson, isPasswordHash, setUserProfile } from './account-store.ts';
import { acceptLink, describeLink, type VerifiedUser } from './join.ts';
import type { SignInContext } from './library.ts';
import { createSignInLink } from './links.ts';
import { wrongPassword } from './lock-out.ts';
import type { Sessions } from './sessions.ts';
import { changePassword, checkPassword, requireSession } from './sign-in.ts';
import { START_PATH } from './single-sign-on.ts';

export function signInHandlers(ctx: SignInContext, authorizer: Authorizer, sessions: Sessions) {
  return { ...sessionHandlers(ctx, sessions), ...linkHandlers(ctx, authorizer, sessions) };
}

function sessionHandlers(
  ctx: SignInContext,
  sessions: Sessions,
): Handlers<
  'GetSignInOptions' | 'SignIn' | 'GetSession' | 'SignOut' | 'ChangePassword' | 'UpdateProfile'
> {
  return {
    async GetSignInOptions() {
      const { oidc } = ctx.config;
      const Url = ctx.publicUrl().replace(/^https?:\/\/[^/]+/, '') + START_PATH;
      return {
        data: { PasswordSignIn: true, SingleSignOn: oidc && { Name: oidc.name, Url } },
      };
    },
    async SignIn({ body }) {
      const user = await checkPassword(ctx, body.Email, body.Password);
      return startSession(ctx, sessions, user, 200);
    },
    async GetSession({ scope }) {
      return { data: await sessionJson(ctx, sessions, scope.userId, scope.session) };
    },
    async SignOut({ scope }) {
      if (!scope.session) return { data: {} };
      return { data: {}, setCookies: await sessions.end(scope.session) };
    },
    async ChangePassword({ scope, body }) {
      const { CurrentPassword: current, NewPassword: newPassword } = body;
      const session = await changePassword(ctx, scope, current, newPassword);
      return { data: await sessionJson(ctx, sessions, scope.userId, session) };
    },
    async UpdateProfile({ scope, body }) {
      const session = requireSession(scope);
      await setUserProfile(ctx.db, scope.userId, body.Name, null);
      return { data: await sessionJson(ctx, sessions, scope.userId, session) };
    },
  };
}

function linkHandlers(
  ctx: SignInContext,
  authorizer: Authorizer,
  sessions: Sessions,
): Handlers<'GetInvitation' | 'AcceptInvitation' | 'CreateSignInLink'> {
  return {
    async GetInvitation({ body }) {
      const link = await describeLink(ctx, body.Token);
      const data: OutputOf<'GetInvitation'> = {
        Kind: link.kind,
        Email: link.email,
        Name: link.name,
        BusinessName: link.businessName,
        Role: link.role,
        HasPassword: link.hasPassword,
        ExpiresAt: link.expiresAt === null ? null : formatInstant(link.expiresAt),
      };
      return { data };
    },
    async AcceptInvitation({ body }) {
      const user = await acceptLink(ctx, authorizer, {
        token: body.Token,
        password: body.Password,
        email: body.Email ?? null,
        name: body.Name ?? null,
      });
      return startSession(ctx, sessions, user, 201);
    },
    async CreateSignInLink({ scope, params }) {
      const { url, expiresAt } = await createSignInLink(ctx, params.userId);
      ctx.log.info({ userId: params.userId, by: scope.userId }, 'a sign-in link was created');
      return { status: 201, data: { Url: url, ExpiresAt: formatInstant(expiresAt) } };
    },
  };
}

async function startSession(
  ctx: SignInContext,
  sessions: Sessions,
  { userId, passwordHash }: VerifiedUser,
  status: 200 | 201,
): Promise<Answer<'SignIn'>> {
  const { session, setCookies } = await sessions.start(userId);
  // A concurrent password change ends all earlier sessions, but not this one, which is newer.
  if (!(await isPasswordHash(ctx.db, userId, passwordHash))) {
    await sessions.end(session);
    throw wrongPassword();
  }
  return { status, data: await sessionJson(ctx, sessions, userId, session), setCookies };
}

async function sessionJson(
  ctx: SignInContext,
  sessions: Sessions,
  userId: string,
  session: Session | null,
): Promise<OutputOf<'GetSession'>> {
  const person = await findPerson(ctx.db, userId);
  if (!person) throw new Error(`user ${userId} does not exist`);
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
