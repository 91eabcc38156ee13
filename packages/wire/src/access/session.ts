import Type from 'typebox';
import { EXAMPLE_USER } from '../examples.ts';
import { ADDS, CHANGES, MAX_ANONYMOUS_BODY_BYTES, op, READS } from '../op.ts';
import { parameter } from '../parameters.ts';
import { about, maybe, Name, nullable, strict, Timestamp } from '../types.ts';
import { Email, MemberRole, UserId } from './access-schemas.ts';

export const PASSWORD_LENGTH = { least: 12, most: 256 } as const;
/** Existing passwords may be shorter than new ones. */
const Password = Type.String({ minLength: 1, maxLength: PASSWORD_LENGTH.most });
const NewPassword = Type.String({
  minLength: PASSWORD_LENGTH.least,
  maxLength: PASSWORD_LENGTH.most,
  description: 'The new password, 12 to 256 characters',
});
const Token = Type.String({
  minLength: 1,
  maxLength: 128,
  description: 'The part of the link after the `#`',
});

export const Session = Type.Object(
  {
    User: Type.Object(
      {
        UserId: about(UserId, 'The id of the user'),
        Email: Type.String({ description: 'The e-mail address' }),
        Name: Type.String({ description: 'The display name' }),
        IsAdmin: Type.Boolean({ description: 'True if the user is an admin of the server' }),
        HasPassword: Type.Boolean({ description: 'True if the user can sign in with a password' }),
      },
      { description: 'The user of the session or the key' },
    ),
    CsrfToken: nullable(
      Type.String(),
      'To be sent as `X-CSRF-Token` with each change that uses the cookie; null with a key',
    ),
    ExpiresAt: nullable(Timestamp, 'When the session or the key expires; null: never'),
  },
  { title: 'Session', description: 'The current user and session' },
);

const EXAMPLE_SESSION = {
  User: {
    UserId: EXAMPLE_USER.UserId,
    Email: EXAMPLE_USER.Email,
    Name: EXAMPLE_USER.Name,
    IsAdmin: false,
    HasPassword: true,
  },
  CsrfToken: 'k3Vb0TqZs9dX1mNfYc7hLw',
  ExpiresAt: '2024-01-22T14:00:00Z',
};
const EXAMPLE_TOKEN = 'Vq0mZ8c1xT5rNf3yKd7hLw2bPs9gJe6aUo4iRtQnXvE';

const session = { tag: 'People', permission: 'signed-in', params: Type.Object({}) } as const;
const INVITATION_MESSAGES = {
  NOT_FOUND: 'There is no such invitation; ask for another one.',
  GONE: 'This link was used or has expired; ask for another one.',
} as const;
const ONLY_COOKIE = 'Only for a user who is signed in with a cookie, not with a key.';

export const getSignInOptions = op({
  ...session,
  ...READS,
  name: 'GetSignInOptions',
  method: 'GET',
  path: '/session/options',
  summary: 'Get the ways to sign in',
  description:
    'For a sign-in page, which shows a password form, a button for single sign-on, or both.',
  permission: 'anyone',
  output: Type.Object({
    PasswordSignIn: Type.Boolean({ description: 'True if users can sign in with a password' }),
    SingleSignOn: nullable(
      Type.Object({
        Name: Type.String({ description: 'The display name of the provider' }),
        Url: Type.String({
          description: 'The URL at which signing in begins; `?to=` names a path to return to',
        }),
      }),
      'The provider for single sign-on; null if there is none',
    ),
  }),
  examples: {
    output: {
      PasswordSignIn: true,
      SingleSignOn: { Name: 'Example SSO', Url: '/api/auth/oidc/start' },
    },
  },
});

export const signIn = op({
  ...session,
  ...ADDS,
  name: 'SignIn',
  method: 'POST',
  path: '/session',
  title: 'Sign in',
  summary: 'Sign in with a password',
  description:
    'Sets a cookie (`HttpOnly`, `SameSite=Lax`) that replaces a key for 7 days, and for longer while it is used. After 5 failures for an e-mail address, further attempts are refused (`RATE_LIMITED`) for a minute, then for twice as long each time, whether or not the user exists.',
  permission: 'anyone',
  body: strict({
    Email: about(Email, 'The e-mail address'),
    Password: about(Password, 'The password'),
  }),
  bodyLimit: MAX_ANONYMOUS_BODY_BYTES,
  output: Session,
  errors: ['SIGN_IN_FAILED', 'USER_DISABLED'],
  examples: {
    body: { Email: EXAMPLE_USER.Email, Password: 'correct horse battery staple' },
    output: EXAMPLE_SESSION,
  },
});

export const getSession = op({
  ...session,
  ...READS,
  name: 'GetSession',
  method: 'GET',
  path: '/session',
  title: 'Get the current user',
  summary: 'Get the user of the session or the key',
  description: 'Also returns the `CsrfToken` of a session.',
  output: Session,
  examples: { output: EXAMPLE_SESSION },
});

export const signOut = op({
  ...session,
  ...CHANGES,
  name: 'SignOut',
  method: 'DELETE',
  path: '/session',
  title: 'Sign out',
  summary: 'End the session of the cookie',
  description: 'With a key there is no session, and nothing happens.',
  output: Type.Object({}),
  examples: { output: {} },
});

export const changePassword = op({
  ...session,
  ...CHANGES,
  name: 'ChangePassword',
  method: 'PUT',
  path: '/session/password',
  title: 'Change your password',
  summary: 'Set a new password',
  description: `Ends all other sessions of the user and cancels the links to set a password. \`CurrentPassword\` is null for a user without a password. A wrong \`CurrentPassword\` counts as a failure to sign in. ${ONLY_COOKIE}`,
  body: strict({
    CurrentPassword: nullable(Password, 'The current password; null for a user without one'),
    NewPassword,
  }),
  output: Session,
  errors: ['SIGN_IN_FAILED', 'PERMISSION_DENIED'],
  examples: {
    body: {
      CurrentPassword: 'correct horse battery staple',
      NewPassword: 'a longer phrase to remember',
    },
    output: EXAMPLE_SESSION,
  },
  idempotent: false,
});

export const updateProfile = op({
  ...session,
  ...CHANGES,
  name: 'UpdateProfile',
  method: 'PATCH',
  path: '/session/user',
  title: 'Update your profile',
  summary: 'Change your display name',
  description: ONLY_COOKIE,
  body: strict({ Name: about(Name, 'The new display name') }),
  output: Session,
  errors: ['PERMISSION_DENIED'],
  examples: { body: { Name: 'Ada' }, output: EXAMPLE_SESSION },
});

export const getInvitation = op({
  ...session,
  ...READS,
  name: 'GetInvitation',
  method: 'POST',
  path: '/invitations/look',
  title: 'Look up an invitation',
  summary: 'Look up an invitation or a sign-in link',
  description:
    'Shows the purpose of a link before it is used. A link that was used or has expired is `GONE`.',
  permission: 'anyone',
  body: strict({ Token }),
  bodyLimit: MAX_ANONYMOUS_BODY_BYTES,
  output: Type.Object({
    Kind: Type.Enum(['Invitation', 'SignInLink'], { description: 'The kind of the link' }),
    Email: nullable(
      Type.String(),
      'The e-mail address of the user; null for the first admin, who has yet to choose one',
    ),
    Name: nullable(Type.String(), 'The display name of the user; null if it is not known'),
    BusinessName: nullable(
      Type.String(),
      'The name of the business of an `Invitation`; null for a `SignInLink`',
    ),
    Role: nullable(MemberRole, 'The role that an `Invitation` gives; null for a `SignInLink`'),
    HasPassword: nullable(
      Type.Boolean(),
      'For a `SignInLink`, whether the user has a password; null for an `Invitation`, whose link other people may have too',
    ),
    ExpiresAt: nullable(Timestamp, 'When the link expires; null: never'),
  }),
  errors: ['NOT_FOUND', 'GONE'],
  examples: {
    body: { Token: EXAMPLE_TOKEN },
    output: {
      Kind: 'Invitation',
      Email: EXAMPLE_USER.Email,
      Name: null,
      BusinessName: 'Example Ltd',
      Role: 'Agent',
      HasPassword: null,
      ExpiresAt: '2024-01-22T14:00:00Z',
    },
  },
  messages: INVITATION_MESSAGES,
});

export const acceptInvitation = op({
  ...session,
  ...CHANGES,
  name: 'AcceptInvitation',
  method: 'POST',
  path: '/invitations/accept',
  title: 'Accept an invitation',
  summary: 'Accept an invitation, or set a password with a link, and sign in',
  description: `Each link works once.

For an invitation, a new user sends \`Password\` (12 to 256 characters) and \`Name\`. An existing user sends the current password; another one, or a user without a password, is \`SIGN_IN_FAILED\`. Signing in with single sign-on accepts all invitations of the address.

A sign-in link sets a new password and ends the other sessions of the user; the first admin also chooses an \`Email\`.`,
  permission: 'anyone',
  body: strict({
    Token,
    Email: maybe(Email, 'The e-mail address; only for the first admin'),
    Name: maybe(Name, 'The display name of a new user'),
    Password: about(
      Password,
      'A new password of 12 to 256 characters; for an existing user who accepts an invitation, the current one',
    ),
  }),
  bodyLimit: MAX_ANONYMOUS_BODY_BYTES,
  output: Session,
  statuses: [201],
  errors: ['NOT_FOUND', 'GONE', 'CONFLICT', 'SIGN_IN_FAILED', 'USER_DISABLED'],
  examples: {
    body: { Token: EXAMPLE_TOKEN, Name: 'Ada', Password: 'correct horse battery staple' },
    output: EXAMPLE_SESSION,
  },
  messages: {
    ...INVITATION_MESSAGES,
    CONFLICT: 'A user with the Email ada@example.com already exists; choose another address.',
  },
  idempotent: false,
});

export const createSignInLink = op({
  ...session,
  ...ADDS,
  name: 'CreateSignInLink',
  method: 'POST',
  path: '/admin/users/{userId}/sign-in-links',
  title: 'Create a sign-in link',
  summary: 'Create a link with which a user sets a new password',
  description:
    'For a user who has forgotten the password or has none yet. The link works once, for 24 hours. The server sends no e-mail, so send the link yourself.',
  tag: 'Administration',
  permission: 'admin',
  params: Type.Object({ userId: parameter(UserId, 'The id of the user', EXAMPLE_USER.UserId) }),
  output: Type.Object({
    Url: Type.String({ description: 'The link, which is shown only in this answer' }),
    ExpiresAt: about(Timestamp, 'When the link expires'),
  }),
  statuses: [201],
  errors: ['NOT_FOUND'],
  examples: {
    output: {
      Url: `https://colloquy.example.com/join#${EXAMPLE_TOKEN}`,
      ExpiresAt: '2024-01-16T14:00:00Z',
    },
  },
  messages: { NOT_FOUND: 'There is no user user_01hm72c900e1v9x7q2m4t6b8zn.' },
});
