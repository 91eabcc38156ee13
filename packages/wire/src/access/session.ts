import Type from 'typebox';
import { EXAMPLE_USER } from '../examples.ts';
import { MAX_ANONYMOUS_BODY_BYTES, MEBIBYTE, op } from '../op.ts';
import { maybe, Name, nullable, strict, Timestamp } from '../types.ts';
import { Email, UserId } from './access.ts';
import { MemberRole } from './people.ts';

export const PASSWORD_LENGTH = { least: 12, most: 256 } as const;
/** Also one that is too short for a new one, since it may be the old one of somebody. */
const Password = Type.String({ minLength: 1, maxLength: PASSWORD_LENGTH.most });
const NewPassword = Type.String({
  minLength: PASSWORD_LENGTH.least,
  maxLength: PASSWORD_LENGTH.most,
});
const Token = Type.String({
  minLength: 1,
  maxLength: 128,
  description: 'What stands behind the `#` of the link',
});

export const Session = Type.Object(
  {
    User: Type.Object({
      UserId,
      Email: Type.String(),
      Name: Type.String(),
      IsAdmin: Type.Boolean(),
      HasPassword: Type.Boolean(),
    }),
    CsrfToken: nullable(
      Type.String({
        description: 'Goes with each change by cookie, as `X-CSRF-Token`; null with a key',
      }),
    ),
    ExpiresAt: nullable(Timestamp),
  },
  { title: 'Session' },
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

const session = {
  tag: 'People',
  permission: 'signed-in',
  params: Type.Object({}),
  query: Type.Object({}),
  body: null,
  bodyLimit: 0,
  statuses: [200],
  errors: [],
  idempotent: true,
} as const;

export const getSignInOptions = op({
  ...session,
  name: 'GetSignInOptions',
  method: 'GET',
  path: '/session/options',
  summary: 'Get the ways to sign in',
  permission: 'anyone',
  output: Type.Object({
    PasswordSignIn: Type.Boolean(),
    SingleSignOn: nullable(
      Type.Object({
        Name: Type.String({ description: 'What the provider calls itself' }),
        Url: Type.String({ description: 'Where to go; `?to=` names a path to come back to' }),
      }),
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
  name: 'SignIn',
  method: 'POST',
  path: '/session',
  summary: 'Sign in with a password',
  description:
    'Sets a cookie (`HttpOnly`, `SameSite=Lax`) that serves in place of a key for 7 days, longer while it is used. After 5 failures for one address further ones are refused for a minute, then twice as long each time (`RATE_LIMITED`), whether there is such a user or not.',
  permission: 'anyone',
  body: strict({ Email, Password }),
  bodyLimit: MAX_ANONYMOUS_BODY_BYTES,
  output: Session,
  errors: ['SIGN_IN_FAILED', 'USER_DISABLED'],
  examples: {
    body: { Email: EXAMPLE_USER.Email, Password: 'correct horse battery staple' },
    output: EXAMPLE_SESSION,
  },
  idempotent: false,
});

export const getSession = op({
  ...session,
  name: 'GetSession',
  method: 'GET',
  path: '/session',
  summary: 'Get who one is',
  output: Session,
  examples: { output: EXAMPLE_SESSION },
});

export const signOut = op({
  ...session,
  name: 'SignOut',
  method: 'DELETE',
  path: '/session',
  summary: 'Sign out',
  description: 'Ends the session of the cookie. With a key there is none, and nothing happens.',
  output: Type.Object({}),
  examples: { output: {} },
});

export const changePassword = op({
  ...session,
  name: 'ChangePassword',
  method: 'PUT',
  path: '/session/password',
  summary: 'Set another password',
  description:
    'Ends all other sessions of the user, and links to set a password. `CurrentPassword` is null for a user without one. Only for whoever is signed in by cookie; a wrong `CurrentPassword` counts as a failure to sign in.',
  body: strict({ CurrentPassword: nullable(Password), NewPassword }),
  bodyLimit: MEBIBYTE,
  output: Session,
  errors: ['SIGN_IN_FAILED', 'PERMISSION_DENIED'],
  examples: {
    body: {
      CurrentPassword: 'correct horse battery staple',
      NewPassword: 'a longer one that nobody knows',
    },
    output: EXAMPLE_SESSION,
  },
  idempotent: false,
});

export const updateProfile = op({
  ...session,
  name: 'UpdateProfile',
  method: 'PATCH',
  path: '/session/user',
  summary: 'Change how one is called',
  description: 'Only for whoever is signed in by cookie.',
  body: strict({ Name }),
  bodyLimit: MEBIBYTE,
  output: Session,
  errors: ['PERMISSION_DENIED'],
  examples: { body: { Name: 'Ada' }, output: EXAMPLE_SESSION },
});

export const getInvitation = op({
  ...session,
  name: 'GetInvitation',
  method: 'POST',
  path: '/invitations/look',
  summary: 'Look at an invitation, or a link to sign in with',
  description: 'A link that was used or has expired is `GONE`.',
  permission: 'anyone',
  body: strict({ Token }),
  bodyLimit: MAX_ANONYMOUS_BODY_BYTES,
  output: Type.Object({
    Kind: Type.Enum(['Invitation', 'SignInLink']),
    Email: nullable(
      Type.String({ description: 'null: the first admin, who has yet to choose one' }),
    ),
    Name: nullable(Type.String()),
    BusinessName: nullable(Type.String()),
    Role: nullable(MemberRole),
    HasPassword: nullable(
      Type.Boolean({
        description: 'Of a `SignInLink`; null of an `Invitation`, whose link others have too',
      }),
    ),
    ExpiresAt: nullable(Timestamp),
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
});

export const acceptInvitation = op({
  ...session,
  name: 'AcceptInvitation',
  method: 'POST',
  path: '/invitations/accept',
  summary: 'Accept an invitation, or set a password by a link, and sign in',
  description:
    'Each link works once. A person who is new gets `Password` (12 to 256 characters) and `Name`; an invited user gives the password they have (`SIGN_IN_FAILED` if it is another, or they have none). Single sign-on accepts all invitations of the address. A link to sign in with sets a new password and ends the other sessions; the first admin chooses an `Email` too.',
  permission: 'anyone',
  body: strict({ Token, Email: maybe(Email), Name: maybe(Name), Password }),
  bodyLimit: MAX_ANONYMOUS_BODY_BYTES,
  output: Session,
  statuses: [201],
  errors: ['NOT_FOUND', 'GONE', 'CONFLICT', 'SIGN_IN_FAILED', 'USER_DISABLED'],
  examples: {
    body: { Token: EXAMPLE_TOKEN, Name: 'Ada', Password: 'correct horse battery staple' },
    output: EXAMPLE_SESSION,
  },
  idempotent: false,
});

export const createSignInLink = op({
  ...session,
  name: 'CreateSignInLink',
  method: 'POST',
  path: '/admin/users/{userId}/sign-in-links',
  summary: 'Make a link with which a user sets a new password',
  description:
    'For somebody who forgot theirs, or has none yet. It works once and for 24 hours; the server sends no e-mail, so hand it over yourself.',
  tag: 'Administration',
  permission: 'admin',
  params: Type.Object({ userId: UserId }),
  output: Type.Object({ Url: Type.String(), ExpiresAt: Timestamp }),
  statuses: [201],
  errors: ['NOT_FOUND'],
  examples: {
    output: {
      Url: `https://colloquy.example.com/join#${EXAMPLE_TOKEN}`,
      ExpiresAt: '2024-01-16T14:00:00Z',
    },
  },
  idempotent: false,
});
