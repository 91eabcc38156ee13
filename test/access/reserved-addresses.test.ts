import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import {
  openLibrary,
  type SignInContext,
} from '../../packages/server/src/access/sign-in/library.ts';
import { isReservedEmail } from '../../packages/server/src/access/users/reserved-email.ts';
import { Browser, newEmail, PASSWORD, reason, tokenOf } from '../servers/browser.ts';
import {
  followRedirects,
  IdentityProvider,
  strangersKey,
  type TokenAnswer,
} from '../servers/identity-provider.ts';
import { startTestServer, type TestServer } from '../servers/test-server.ts';

const START = '/api/auth/oidc/start';
const SPELLINGS = [
  ...['admin@localhost', 'ADMIN@LOCALHOST', 'Admin@LocalHost', 'adm\u0130n@localhost'],
  ...[
    '\uff21dmin@localhost',
    'admin@local\u0127ost'.replace('\u0127', 'h'),
    'admin@localho\u017ft',
  ],
];
const Password = PASSWORD;

let provider: IdentityProvider;
let server: TestServer;
beforeAll(async () => {
  provider = await IdentityProvider.open();
  const { issuer, clientId, clientSecret } = provider;
  server = await startTestServer({
    oidc: { issuer, clientId, clientSecret, name: 'Example SSO', vouchesForAll: true },
  });
  provider.serve(`${server.url}/api/auth/oidc/callback`);
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await provider[Symbol.asyncDispose]();
});

async function signIn(identity: IdentityProvider['identity']) {
  provider.identity = identity;
  const browser = new Browser(server.url);
  const page = await followRedirects(browser, START, provider.issuer);
  return { page, browser, isSignedIn: browser.cookies.has('colloquy.session_token') };
}

const sessionsAndAccounts = async () => {
  const { rows } = await server.sql.query(
    `SELECT (SELECT count(*) FROM sessions) AS sessions, (SELECT count(*) FROM accounts) AS accounts`,
  );
  return rows[0];
};

describe('reserved addresses', () => {
  it.each(SPELLINGS)('single sign-on refuses a reserved address spelled %s', async (email) => {
    const before = await sessionsAndAccounts();
    for (const email_verified of [true, undefined]) {
      const { page, isSignedIn } = await signIn({ sub: `sub ${email}`, email, email_verified });
      expect(page).toBe('/sign-in?error=EMAIL_RESERVED');
      expect(isSignedIn).toBe(false);
    }
    expect(await sessionsAndAccounts()).toEqual(before);
  });

  it('single sign-on refuses the first admin even if an earlier server linked the subject', async () => {
    const { rows } = await server.sql.query(
      `SELECT user_id FROM users WHERE email = 'admin@localhost'`,
    );
    const sub = 'linked before';
    await server.sql.query(
      `INSERT INTO accounts (account_id, user_id, provider, subject, created_at, updated_at)
       VALUES ('account_x', $1, 'oidc', $2, now(), now())`,
      [rows[0].user_id, `${provider.issuer} ${sub}`],
    );
    const email = newEmail().toLowerCase();
    const { page, isSignedIn } = await signIn({ sub, email, email_verified: true });
    expect(page).toBe('/sign-in?error=EMAIL_RESERVED');
    expect(isSignedIn).toBe(false);
    await server.sql.query(`DELETE FROM accounts WHERE account_id = 'account_x'`);
  });

  it.each(SPELLINGS)(
    'every operation that takes an address refuses the reserved address %s',
    async (Email) => {
      const { admin } = server;
      const businessId = await server.newBusiness();
      const owner = await admin.createUser({ Email: newEmail(), Name: 'Owner' });
      await admin.putMember({ businessId, UserId: owner.UserId, Role: 'Owner' });
      const Role = 'Viewer';
      expect(await reason(admin.createUser({ Email, Name: 'x' }))).toBe('INVALID_REQUEST');
      expect(await reason(admin.createInvitation({ businessId, Email, Role }))).toBe(
        'INVALID_REQUEST',
      );
      expect(await reason(admin.putMember({ businessId, Email, Role }))).toBe('INVALID_REQUEST');
      const { rows } = await server.sql.query(
        `SELECT user_id FROM users WHERE email = 'admin@localhost'`,
      );
      const { Url } = await admin.createSignInLink({ userId: rows[0].user_id });
      const browser = new Browser(server.url);
      expect(await reason(browser.accept(Url, { Email, Password }))).toBe('INVALID_REQUEST');
      const { rows: users } = await server.sql.query('SELECT email FROM users');
      expect(users.filter(({ email }) => isReservedEmail(email))).toHaveLength(1);
    },
  );

  it('an invitation of an earlier server for a reserved address is invalid', async () => {
    const businessId = await server.newBusiness();
    const { Url } = await server.admin.createInvitation({
      businessId,
      Email: newEmail(),
      Role: 'Owner',
    });
    await server.sql.query(
      `UPDATE invitations SET email = 'adm\u0130n@localhost' WHERE business_id = $1`,
      [businessId],
    );
    const browser = new Browser(server.url);
    expect(await reason(browser.client.getInvitation({ Token: tokenOf(Url) }))).toBe('GONE');
    expect(await reason(browser.accept(Url, { Password }))).toBe('GONE');
  });

  it('a reserved address is recognized for all characters that the database lowercases to its letters', async () => {
    const { rows } = await server.sql.query(
      `SELECT chr(code) AS letter, l AS lower
       FROM generate_series(128, 1114111) AS code
       CROSS JOIN LATERAL (VALUES (lower(chr(code)) COLLATE "C"), (lower(chr(code) COLLATE "und-x-icu") COLLATE "C"),
         (lower(chr(code) COLLATE "tr-x-icu") COLLATE "C")) AS folded (l)
       WHERE code NOT BETWEEN 55296 AND 57343 AND l ~ '^[a-z]+$'`,
    );
    expect(rows.length).toBeGreaterThan(0);
    for (const { letter, lower } of rows as { letter: string; lower: string }[]) {
      if (!'admin@localhost'.includes(lower)) continue;
      expect(isReservedEmail('admin@localhost'.replace(lower, letter)), letter).toBe(true);
    }
    for (const email of ['admin@localhost.com', 'admins@localhost', 'ada@localhost', 'a@b']) {
      expect(isReservedEmail(email), email).toBe(false);
    }
  });
});

describe('token answers of a provider', () => {
  const resign = (more: Parameters<IdentityProvider['resign']>[1]) => (answer: TokenAnswer) => ({
    ...answer,
    id_token: provider.resign(answer.id_token, more),
  });
  const seconds = (ago: number) => Math.floor(Date.now() / 1000) - ago;
  const withUserInfo = ({ id_token: _, ...answer }: TokenAnswer) => answer;
  const cases: [string, (answer: TokenAnswer) => TokenAnswer][] = [
    ['without an id_token', withUserInfo],
    ['with an empty id_token', (answer) => ({ ...answer, id_token: '' })],
    ['with an id_token that is no JWT', (answer) => ({ ...answer, id_token: 'opaque' })],
    ['with an id_token of another key', resign({ key: strangersKey() })],
    ['with an id_token of alg none', resign({ header: { alg: 'none' }, key: null })],
    ['with an id_token for another audience', resign({ claims: { aud: 'another' } })],
    ['with an id_token of another issuer', resign({ claims: { iss: 'https://evil.example.com' } })],
    ['with an expired id_token', resign({ claims: { iat: seconds(7_200), exp: seconds(3_600) } })],
    ['with an id_token of another nonce', resign({ claims: { nonce: 'another' } })],
    ['with an id_token without a nonce', resign({ claims: { nonce: undefined } })],
    ['with an id_token of another subject', resign({ claims: { sub: 'another' } })],
  ];

  it.each(cases)('a token answer %s starts no session', async (_, change) => {
    const email = newEmail().toLowerCase();
    await server.admin.createUser({ Email: email, Name: 'Known' });
    const identity = { sub: `sub ${email}`, email, email_verified: true };
    const before = await sessionsAndAccounts();
    provider.changeTokens = change;
    const { page, isSignedIn } = await signIn(identity).finally(() => {
      provider.changeTokens = null;
    });
    expect(page).toBe('/sign-in?error=SIGN_IN_FAILED');
    expect(isSignedIn).toBe(false);
    expect(await sessionsAndAccounts()).toEqual(before);
    provider.changeTokens = resign({});
    expect((await signIn(identity)).page).toBe('/');
    provider.changeTokens = null;
  });
});

test('no endpoint of the sign-in library is served', async () => {
  const { secrets } = { secrets: { seed: () => Buffer.alloc(32, 1) } };
  const context = { secrets, publicUrl: () => server.url, log: { info() {}, debug() {} } };
  const { api } = await openLibrary(context as unknown as SignInContext);
  const endpoints = Object.values(api as Record<string, { path?: string }>);
  const paths = endpoints.flatMap(({ path }) => path ?? []);
  expect(paths.length).toBeGreaterThan(20);
  for (const path of paths) {
    const url = `${server.url}/api/auth${path.replaceAll(/:\w+/g, 'oidc')}`;
    for (const method of ['GET', 'POST']) {
      const body = method === 'POST' ? '{}' : null;
      const headers = { 'Content-Type': 'application/json' };
      expect((await fetch(url, { method, body, headers })).status, `${method} ${path}`).toBe(404);
    }
  }
});
