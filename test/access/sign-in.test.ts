import pg from 'pg';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { Browser, newEmail, openBrowser, PASSWORD, reason, tokenOf } from '../servers/browser.ts';
import { until } from '../servers/server-process.ts';
import { openProxy } from '../servers/tcp-proxy.ts';
import {
  ADMIN_KEY,
  startTestServer,
  type TestServer,
  testDatabase,
} from '../servers/test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const browser = () => new Browser(server.url);

async function newUser(of = server) {
  const user = await of.admin.createUser({ Email: newEmail(), Name: 'Somebody' });
  return { ...user, browser: await openBrowser(of, user.UserId) };
}

describe('the first admin', () => {
  it('the first admin uses the printed sign-in link once and chooses an address', async () => {
    await using fresh = await startTestServer();
    const { firstLink } = fresh.app;
    expect(firstLink).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/join#[\w-]{43}$/);
    const Token = tokenOf(firstLink ?? '');
    const mine = new Browser(fresh.url);
    expect(await mine.client.getInvitation({ Token })).toEqual({
      Kind: 'SignInLink',
      Email: null,
      Name: null,
      BusinessName: null,
      Role: null,
      HasPassword: false,
      ExpiresAt: null,
    });
    const input = { Token, Password: PASSWORD };
    expect(await reason(mine.client.acceptInvitation(input))).toBe('INVALID_REQUEST');
    // The link is valid months later, and so is the link of every other start.
    fresh.clock.advance(100 * 86_400);
    await using again = await startTestServer({ connection: fresh.connection });
    expect(again.app.firstLink).not.toBeNull();
    expect(again.app.firstLink).not.toBe(firstLink);
    const session = await mine.accept(firstLink ?? '', {
      Email: 'Ada@example.com',
      Name: 'Ada',
      Password: PASSWORD,
    });
    expect(session.User).toEqual({
      UserId: expect.stringMatching(/^user_/),
      Email: 'Ada@example.com',
      Name: 'Ada',
      IsAdmin: true,
      HasPassword: true,
    });
    expect((await mine.client.listUsers({})).Items).toHaveLength(1);
    const name = { ...input, Email: 'eve@example.com' };
    expect(await reason(mine.client.acceptInvitation(name))).toBe('GONE');
    const other = tokenOf(again.app.firstLink ?? '');
    expect(await reason(mine.client.acceptInvitation({ ...name, Token: other }))).toBe('GONE');
    await using later = await startTestServer({ connection: fresh.connection });
    expect(later.app.firstLink).toBeNull();
    expect(await fresh.admin.getSession({})).toMatchObject({
      User: { Email: 'Ada@example.com' },
      CsrfToken: null,
      ExpiresAt: null,
    });
  });

  it('the first admin cannot choose the address of another user', async () => {
    await using fresh = await startTestServer();
    await fresh.admin.createUser({ Email: 'ada@example.com', Name: 'Ada' });
    const mine = new Browser(fresh.url);
    const { firstLink } = fresh.app;
    const Password = PASSWORD;
    const taken = mine.accept(firstLink ?? '', { Email: 'ADA@example.com', Password });
    expect(await reason(taken)).toBe('CONFLICT');
    await mine.accept(firstLink ?? '', { Email: 'grace@example.com', Password });
  });
});

describe('sessions', () => {
  it('a session is a cookie that scripts and other sites cannot use', async () => {
    const { Email, Name, UserId } = await newUser();
    const mine = browser();
    const session = await mine.signIn(Email.toUpperCase(), PASSWORD);
    expect(session).toEqual({
      User: { UserId, Email, Name, IsAdmin: false, HasPassword: true },
      CsrfToken: expect.stringMatching(/^[\w-]{22}$/),
      ExpiresAt: expect.stringMatching(/Z$/),
    });
    const days = (Date.parse(session.ExpiresAt ?? '') - Date.now()) / 86_400_000;
    expect(days).toBeCloseTo(7, 2);
    expect(mine.setCookies).toHaveLength(1);
    const [pair, ...attributes] = (mine.setCookies[0] ?? '').split('; ');
    expect(pair).toMatch(/^colloquy\.session_token=[^;]{40,}$/);
    expect(attributes.toSorted()).toEqual([
      ...['HttpOnly', `Max-Age=${7 * 86_400}`, 'Path=/', 'SameSite=Lax'],
    ]);
    expect(await mine.client.getSession({})).toEqual(session);
  });

  it('the session cookie is sent only over HTTPS if PUBLIC_URL is HTTPS', async () => {
    await using secure = await startTestServer({ publicUrl: 'https://colloquy.example.com' });
    const { browser: mine } = await newUser(secure);
    expect(mine.setCookies[0]).toMatch(/^__Secure-colloquy\.session_token=.*; Secure/);
    expect((await mine.client.getSession({})).User.HasPassword).toBe(true);
    expect(secure.app.firstLink).toMatch(/^https:\/\/colloquy\.example\.com\/join#/);
  });

  it('a session has the permissions of its user, and changes need a CSRF token', async () => {
    const { browser: mine, UserId } = await newUser();
    const businessId = await server.newBusiness();
    expect(await reason(mine.client.getBusiness({ businessId }))).toBe('BUSINESS_ACCESS_DENIED');
    await server.admin.putMember({ businessId, UserId, Role: 'Admin' });
    expect((await mine.client.getBusiness({ businessId })).Role).toBe('Admin');
    const rename = () => reason(mine.client.patchBusiness({ businessId, Name: 'Other' }));
    expect(await rename()).toBe('passed');
    const own = mine.csrfToken;
    const { browser: other } = await newUser();
    for (const token of [null, '', 'x'.repeat(22), other.csrfToken]) {
      mine.csrfToken = token;
      expect(await rename()).toBe('CSRF_TOKEN_INVALID');
      // Reads need no token.
      await mine.client.getBusiness({ businessId });
    }
    mine.csrfToken = own;
    expect(await rename()).toBe('passed');
    expect(await reason(mine.client.listUsers({}))).toBe('PERMISSION_DENIED');
    expect(await reason(mine.client.getMembers({ businessId }))).toBe('PERMISSION_DENIED');
    await server.admin.putMember({ businessId, UserId, Role: 'Viewer' });
    expect(await rename()).toBe('PERMISSION_DENIED');
    await server.admin.updateUser({ userId: UserId, IsDisabled: true });
    expect(await reason(mine.client.getSession({}))).toBe('USER_DISABLED');
    expect(await reason(mine.client.getBusiness({ businessId }))).toBe('USER_DISABLED');
    expect(await reason(mine.signIn((await emailOf(UserId)) ?? '', PASSWORD))).toBe(
      'USER_DISABLED',
    );
  });

  const emailOf = async (UserId: string) => {
    for await (const user of server.admin.items('listUsers', {})) {
      if (user.UserId === UserId) return user.Email;
    }
    return null;
  };

  it('a change made in a session is audited with the id of the session', async () => {
    const { browser: mine, UserId } = await newUser();
    const businessId = await server.newBusiness();
    await server.admin.putMember({ businessId, UserId, Role: 'Owner' });
    await mine.client.patchBusiness({ businessId, Name: 'Other' });
    const { Items } = await mine.client.getAudit({ businessId, Filter: { UserId } });
    expect(Items[0]).toMatchObject({
      UserId,
      Action: 'BusinessChanged',
      ApiKeyId: expect.stringMatching(/^session_/),
    });
  });

  it('a session cookie is ignored if the request has an API key', async () => {
    const { browser: mine } = await newUser();
    const get = (Authorization: string) =>
      mine.fetch('/api/v1/session', { headers: { Authorization } });
    expect((await get('Token wrong')).status).toBe(401);
    const { Data } = (await (await get(`Token ${ADMIN_KEY}`)).json()) as {
      Data: { User: { IsAdmin: boolean } };
    };
    expect(Data.User.IsAdmin).toBe(true);
    // A change with a key needs no CSRF token either.
    mine.csrfToken = null;
    const made = await mine.fetch('/api/v1/admin/users', {
      method: 'POST',
      headers: { Authorization: `Token ${ADMIN_KEY}`, 'Content-Type': 'application/json' },
      body: JSON.stringify({ Email: newEmail(), Name: 'x' }),
    });
    expect(made.status).toBe(201);
  });

  it('signing out ends the session on every server', async () => {
    await using other = await startTestServer({ connection: server.connection });
    const { browser: mine } = await newUser();
    const there = new Browser(other.url);
    for (const [name, value] of mine.cookies) there.cookies.set(name, value);
    await there.client.getSession({});
    const kept = new Map(mine.cookies);
    expect(await mine.client.signOut({})).toEqual({});
    expect(mine.cookies.size).toBe(0);
    expect(await reason(mine.client.getSession({}))).toBe('API_KEY_MISSING');
    const failure = await there.client.getSession({}).catch((error) => error);
    expect(failure).toMatchObject({ status: 401, reason: 'SESSION_EXPIRED' });
    expect(there.cookies.size).toBe(0);
    for (const [name, value] of kept) mine.cookies.set(name, value);
    expect(await reason(mine.client.getSession({}))).toBe('SESSION_EXPIRED');
    expect(await server.admin.signOut({})).toEqual({});
  });

  it('an altered, truncated or forged session cookie is refused', async () => {
    const { browser: mine } = await newUser();
    const [[name, value] = ['', '']] = mine.cookies;
    const [token, signature] = decodeURIComponent(value).split('.');
    const forged = [
      'x',
      `${token}`,
      `${token}.`,
      `x${token}.${signature}`,
      `${token}.x${signature}`,
    ];
    for (const made of [...forged.map(encodeURIComponent), '', '%E0%A4%A', '%', '\xff', '"x"']) {
      const response = await fetch(`${server.url}/api/v1/session`, {
        headers: { Cookie: `a=b; ${name}=${made}` },
      });
      expect(response.status).toBe(401);
      const { Code } = (await response.json()) as { Code: string };
      expect(Code).toBe('GetSession:SESSION_EXPIRED');
    }
    await mine.client.getSession({});
  });

  it('a session is renewed after a day and expires after seven days', async () => {
    const { browser: mine, UserId } = await newUser();
    const age = (days: number) =>
      server.sql.query(
        `UPDATE sessions SET expires_at = now() + (7 - $2::float8) * interval '1 day' WHERE user_id = $1`,
        [UserId, days],
      );
    await age(0.9);
    const before = mine.setCookies.length;
    await mine.client.getSession({});
    expect(mine.setCookies).toHaveLength(before);
    await age(1.1);
    const { ExpiresAt } = await mine.client.getSession({});
    expect((Date.parse(ExpiresAt ?? '') - Date.now()) / 86_400_000).toBeCloseTo(7, 2);
    expect(mine.setCookies).toHaveLength(before + 1);
    await age(7.01);
    expect(await reason(mine.client.getSession({}))).toBe('SESSION_EXPIRED');
  });
});

describe('passwords', () => {
  it('a password has 12 to 256 characters and is stored only as an Argon2id hash', async () => {
    const user = await server.admin.createUser({ Email: newEmail(), Name: 'x' });
    const { Url } = await server.admin.createSignInLink({ userId: user.UserId });
    const mine = browser();
    for (const Password of ['', 'x'.repeat(11), 'x'.repeat(257), '😀'.repeat(11)]) {
      expect(await reason(mine.accept(Url, { Password }))).toBe('INVALID_REQUEST');
    }
    await mine.accept(Url, { Password: '😀'.repeat(12) });
    await browser().signIn(user.Email, '😀'.repeat(12));
    const { rows } = await server.sql.query(
      'SELECT password_hash FROM accounts WHERE user_id = $1',
      [user.UserId],
    );
    expect(rows).toHaveLength(1);
    expect(rows[0].password_hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  });

  it('a user who knows the password can change it, which ends the other sessions', async () => {
    const { browser: mine, Email } = await newUser();
    const other = browser();
    await other.signIn(Email, PASSWORD);
    const NewPassword = `${PASSWORD} 2`;
    const wrong = { CurrentPassword: 'wrong', NewPassword };
    expect(await reason(mine.client.changePassword(wrong))).toBe('SIGN_IN_FAILED');
    const none = { CurrentPassword: null, NewPassword };
    expect(await reason(mine.client.changePassword(none))).toBe('SIGN_IN_FAILED');
    const session = await mine.client.changePassword({ CurrentPassword: PASSWORD, NewPassword });
    expect(session.CsrfToken).toBe(mine.csrfToken);
    await mine.client.getSession({});
    expect(await reason(other.client.getSession({}))).toBe('SESSION_EXPIRED');
    expect(await reason(browser().signIn(Email, PASSWORD))).toBe('SIGN_IN_FAILED');
    await browser().signIn(Email, NewPassword);
    expect(await reason(server.admin.changePassword(wrong))).toBe('PERMISSION_DENIED');
  });

  it('a forgotten password is reset by a sign-in link of an admin', async () => {
    const { browser: mine, Email, UserId } = await newUser();
    const { Url, ExpiresAt } = await server.admin.createSignInLink({ userId: UserId });
    expect(ExpiresAt).toBe(
      new Date(server.clock.now() + 86_400_000).toISOString().replace('.000', ''),
    );
    expect(await browser().client.getInvitation({ Token: tokenOf(Url) })).toEqual({
      Kind: 'SignInLink',
      Email,
      Name: 'Somebody',
      BusinessName: null,
      Role: null,
      HasPassword: true,
      ExpiresAt,
    });
    const other = browser();
    await other.accept(Url, { Password: `${PASSWORD} 2` });
    expect(await reason(mine.client.getSession({}))).toBe('SESSION_EXPIRED');
    await other.client.getSession({});
    expect(await reason(browser().accept(Url, { Password: PASSWORD }))).toBe('GONE');
    const late = await server.admin.createSignInLink({ userId: UserId });
    server.clock.advance(86_401);
    const Token = tokenOf(late.Url);
    expect(await reason(browser().client.getInvitation({ Token }))).toBe('GONE');
    expect(await reason(browser().accept(late.Url, { Password: PASSWORD }))).toBe('GONE');
    expect(await reason(server.admin.createSignInLink({ userId: 'nobody' }))).toBe('NOT_FOUND');
  });
});

describe('guessing passwords', () => {
  test('repeated failures lock an address on every server for increasing periods, whether or not a user has it', async () => {
    await using one = await startTestServer();
    await using other = await startTestServer({ connection: one.connection });
    const { Email } = await newUser(one);
    for (const email of [Email, newEmail()]) {
      const at = (server: TestServer, password: string) =>
        new Browser(server.url).signIn(email, password).catch((error) => error);
      for (const [index, server] of [one, other, one, other, one].entries()) {
        const failed = await at(server, `wrong ${index}`);
        expect(failed).toMatchObject({ status: 401, reason: 'SIGN_IN_FAILED' });
      }
      // The right password is refused too, and does not count.
      for (const [wait, server] of [
        [60, other],
        [120, one],
        [240, other],
        [480, one],
        [960, other],
        [1920, one],
        [3600, other],
        [3600, one],
      ] as const) {
        for (const server of [one, other]) {
          const refused = await at(server, PASSWORD);
          expect(refused).toMatchObject({ status: 429, reason: 'RATE_LIMITED' });
          expect(refused.message).toBe(`Too many attempts to sign in; try again in ${wait} s.`);
        }
        for (const { clock } of [one, other]) clock.advance(wait);
        expect(await at(server, 'wrong')).toMatchObject({ reason: 'SIGN_IN_FAILED' });
      }
      for (const { clock } of [one, other]) clock.advance(3600);
    }
    // A successful sign-in resets the count.
    await new Browser(one.url).signIn(Email, PASSWORD);
    for (let index = 0; index < 5; index += 1) {
      expect(await reason(new Browser(one.url).signIn(Email, 'wrong'))).toBe('SIGN_IN_FAILED');
    }
    expect(await reason(new Browser(one.url).signIn(Email, PASSWORD))).toBe('RATE_LIMITED');
  });

  test('concurrent guesses are limited like sequential ones', async () => {
    const { Email } = await newUser();
    const answers = await Promise.all(
      Array.from({ length: 30 }, () => reason(browser().signIn(Email, 'wrong'))),
    );
    expect(answers.filter((answer) => answer === 'SIGN_IN_FAILED')).toHaveLength(5);
    expect(answers.filter((answer) => answer === 'RATE_LIMITED')).toHaveLength(25);
  });

  test('failed sign-ins no longer count after 15 minutes', async () => {
    const { Email } = await newUser();
    for (let round = 0; round < 3; round += 1) {
      for (let index = 0; index < 4; index += 1) {
        expect(await reason(browser().signIn(Email, 'wrong'))).toBe('SIGN_IN_FAILED');
      }
      server.clock.advance(15 * 60 + 1);
    }
    await browser().signIn(Email, PASSWORD);
  });

  test('an IP address that guesses tokens of links is limited', async () => {
    await using proxied = await startTestServer({ trustProxy: ['127.0.0.1'] });
    const look = async (from: string, Token = 'guess') => {
      const response = await fetch(`${proxied.url}/api/v1/invitations/look`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', 'X-Forwarded-For': from },
        body: JSON.stringify({ Token }),
      });
      return response.status;
    };
    for (let attempt = 0; attempt < 20; attempt += 1) expect(await look('203.0.113.9')).toBe(404);
    expect(await look('203.0.113.9')).toBe(429);
    expect(await look('203.0.113.9')).toBe(429);
    expect(await look('203.0.113.10')).toBe(404);
    // Concurrent guesses are limited too; requests without a key do not count.
    const keyless = () =>
      fetch(`${proxied.url}/api/v1/session`, { headers: { 'X-Forwarded-For': '203.0.113.11' } });
    for (let attempt = 0; attempt < 25; attempt += 1) await keyless();
    const answers = await Promise.all(Array.from({ length: 30 }, () => look('203.0.113.11')));
    expect(answers.filter((status) => status === 404)).toHaveLength(20);
    // Successful look-ups do not count.
    const { Url } = await proxied.admin.createSignInLink({
      userId: (await proxied.admin.getSession({})).User.UserId,
    });
    for (let attempt = 0; attempt < 25; attempt += 1) {
      expect(await look('203.0.113.12', tokenOf(Url))).toBe(200);
    }
  });
});

test('session and sign-in operations answer UNAVAILABLE while the database is unreachable', async () => {
  await using database = await testDatabase();
  await using proxy = await openProxy(database.connection);
  const { user, password, database: name } = new pg.Client(database.connection);
  const connection = { host: '127.0.0.1', port: proxy.port, user, password, database: name };
  await using away = await startTestServer({ connection: connection as pg.ClientConfig });
  const { browser: mine, Email } = await newUser(away);
  proxy.refuse();
  for (const asked of [
    () => mine.client.getSession({}),
    () => mine.client.signOut({}),
    () => mine.signIn(Email, PASSWORD),
    () => new Browser(away.url).client.getInvitation({ Token: 'x' }),
  ]) {
    expect(await asked().catch((error) => error)).toMatchObject({
      status: 503,
      reason: 'UNAVAILABLE',
    });
  }
  expect(mine.cookies.size).toBe(1);
  proxy.forward('only new');
  await until(async () => (await reason(mine.client.getSession({}))) === 'passed');
});

test('users can change their own name in a session, but not with a key', async () => {
  const { browser: mine } = await newUser();
  expect((await mine.client.updateProfile({ Name: 'Ada' })).User.Name).toBe('Ada');
  expect(await reason(server.admin.updateProfile({ Name: 'Eve' }))).toBe('PERMISSION_DENIED');
  expect(await mine.client.getSignInOptions({})).toEqual({
    PasswordSignIn: true,
    SingleSignOn: null,
  });
});

test('the log contains no address, password, token or cookie of a sign-in', async () => {
  const lines: string[] = [];
  const log = pino({ level: 'trace' }, { write: (line) => void lines.push(line) });
  await using logged = await startTestServer({ overrides: { log } });
  const { Email, browser: mine } = await newUser(logged);
  const { firstLink } = logged.app;
  const Password = 'a secret that nobody logs';
  await reason(new Browser(logged.url).signIn(Email, Password));
  await reason(
    new Browser(logged.url).accept(`${logged.url}/join#${'t'.repeat(43)}`, { Password }),
  );
  await mine.client.signOut({});
  await reason(mine.client.getSession({}));
  const text = lines.join('');
  expect(text).toContain('SignIn');
  for (const secret of [
    ...[Email, Password, PASSWORD, tokenOf(firstLink ?? ''), 't'.repeat(43)],
    ...mine.setCookies.map((cookie) => (/=([^;]{5,})/.exec(cookie) ?? ['', 'none'])[1] ?? 'none'),
  ]) {
    expect(text).not.toContain(secret);
  }
});
