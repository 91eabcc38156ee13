import { request } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashPassword } from '../../packages/server/src/access/sign-in/passwords.ts';
import { Browser, newEmail, openBrowser, PASSWORD, reason, tokenOf } from '../servers/browser.ts';
import { until } from '../servers/server-process.ts';
import { startTestServer, type TestServer } from '../servers/test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());

async function newUser(more: { IsAdmin?: boolean } = {}) {
  const user = await server.admin.createUser({ Email: newEmail(), Name: 'Somebody', ...more });
  return { ...user, browser: await openBrowser(server, user.UserId) };
}

async function newOwner(businessId: number) {
  const owner = await newUser();
  await server.admin.putMember({ businessId, UserId: owner.UserId, Role: 'Owner' });
  return owner;
}

interface HeldRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | string;
}

/**
 * Sends all but the last byte of a request. The returned function sends that byte and resolves with
 * the code of the answer.
 */
async function holdRequest({
  method,
  path,
  headers,
  body,
}: HeldRequest): Promise<() => Promise<string>> {
  const bytes = Buffer.from(body);
  const sent = request(new URL(`/api/v1${path}`, server.url), {
    method,
    headers: { 'Content-Length': bytes.length, ...headers },
  });
  const answer = new Promise<string>((resolve, reject) => {
    sent.once('error', reject);
    sent.once('response', async (response) => {
      const texts = await Array.fromAsync(response.setEncoding('utf8'));
      const { Success, Code } = JSON.parse(texts.join(''));
      resolve(Success ? 'passed' : Code.split(':')[1]);
    });
  });
  await new Promise<unknown>((resolve) => sent.write(bytes.subarray(0, -1), resolve));
  // The held request is in progress once a later one has been answered.
  await server.admin.getSession({});
  return () => {
    sent.end(bytes.subarray(-1));
    return answer;
  };
}

const JSON_TYPE = { 'Content-Type': 'application/json' };
const byKey = (key: string) => ({ Authorization: `Token ${key}` });

function byCookie({ cookies, csrfToken }: Browser) {
  const pairs = [...cookies].map(([name, value]) => `${name}=${value}`);
  return { Cookie: pairs.join('; '), 'X-CSRF-Token': csrfToken ?? '' };
}

describe('a request in progress', () => {
  it('a request is refused if its key is revoked before its last byte arrives', async () => {
    const businessId = await server.newBusiness();
    const owner = await newOwner(businessId);
    const { Key, ApiKeyId: apiKeyId } = await owner.browser.client.createBusinessApiKey({
      businessId,
      Name: 'x',
    });
    const before = await holdRequest({
      method: 'POST',
      path: `/business/${businessId}/invitations`,
      headers: { ...JSON_TYPE, ...byKey(Key) },
      body: JSON.stringify({ Email: newEmail(), Role: 'Owner' }),
    });
    const other = await holdRequest({
      method: 'POST',
      path: `/business/${businessId}/invitations`,
      headers: { ...JSON_TYPE, ...byKey(Key) },
      body: JSON.stringify({ Email: newEmail(), Role: 'Owner' }),
    });
    expect(await before()).toBe('passed');
    await server.admin.revokeApiKey({ apiKeyId });
    expect(await other()).toBe('API_KEY_INVALID');
  });

  it('a request is refused if its user is demoted or disabled before its last byte arrives', async () => {
    const businessId = await server.newBusiness();
    const owner = await newOwner(businessId);
    const { UserId } = await newUser();
    const promote = {
      method: 'PUT',
      path: `/business/${businessId}/members`,
      headers: { ...JSON_TYPE, ...byCookie(owner.browser) },
      body: JSON.stringify({ UserId, Role: 'Owner' }),
    };
    const held = await holdRequest(promote);
    const later = await holdRequest(promote);
    await newOwner(businessId);
    await server.admin.putMember({ businessId, UserId: owner.UserId, Role: 'Admin' });
    expect(await held()).toBe('PERMISSION_DENIED');
    await server.admin.updateUser({ userId: owner.UserId, IsDisabled: true });
    expect(await later()).toBe('USER_DISABLED');
  });

  it('a request is refused if its admin is demoted or signs out before its last byte arrives', async () => {
    const admin = await newUser({ IsAdmin: true });
    const restore = await holdRequest({
      method: 'PATCH',
      path: `/admin/users/${admin.UserId}`,
      headers: { ...JSON_TYPE, ...byCookie(admin.browser) },
      body: JSON.stringify({ IsAdmin: true }),
    });
    await server.admin.updateUser({ userId: admin.UserId, IsAdmin: false });
    expect(await restore()).toBe('PERMISSION_DENIED');
    const rename = await holdRequest({
      method: 'PATCH',
      path: '/session/user',
      headers: { ...JSON_TYPE, ...byCookie(admin.browser) },
      body: JSON.stringify({ Name: 'Other' }),
    });
    await admin.browser.client.signOut({});
    expect(await rename()).toBe('SESSION_EXPIRED');
  });

  it('an upload stores no recording if its key is revoked before its last byte arrives', async () => {
    const businessId = await server.newBusiness();
    const sessionId = 'call';
    const StartTime = '2026-01-15T14:30:00Z';
    await server.admin.putConversation({
      businessId,
      sessionId,
      Status: 'Active',
      InitiationType: 'Web',
      StartTime,
      Clients: [{ ClientId: 'c', ClientType: 'Web', JoinedAt: StartTime }],
    });
    const key = await server.newKey(businessId);
    const apiKeyId = (await server.admin.getBusinessApiKeys({ businessId })).Items[0]?.ApiKeyId;
    const upload = await holdRequest({
      method: 'PUT',
      path: `/business/${businessId}/conversations/${sessionId}/recordings/c`,
      headers: { 'Content-Type': 'audio/wav', ...byKey(key) },
      body: Buffer.alloc(100_000, 1),
    });
    await server.admin.revokeApiKey({ apiKeyId: apiKeyId ?? '' });
    expect(await upload()).toBe('API_KEY_INVALID');
    const { Clients } = await server.admin.getConversation({ businessId, sessionId });
    expect(Clients[0]?.AudioUrl).toBeNull();
  });
});

describe('passwords', () => {
  it('a sign-in with the old password fails if the password changes at the same moment', async () => {
    const { UserId, Email } = await newUser();
    const changing = new pg.Client(server.connection);
    await changing.connect();
    try {
      await changing.query('BEGIN');
      await changing.query("UPDATE accounts SET password_hash = 'another' WHERE subject = $1", [
        UserId,
      ]);
      await changing.query('DELETE FROM sessions WHERE user_id = $1', [UserId]);
      const sessions = async () =>
        (await server.sql.query('SELECT FROM sessions WHERE user_id = $1', [UserId])).rows.length;
      const before = await sessions();
      const late = reason(new Browser(server.url).signIn(Email, PASSWORD));
      await until(async () => (await sessions()) > before);
      await changing.query('COMMIT');
      expect(await late).toBe('SIGN_IN_FAILED');
      expect(await sessions()).toBe(0);
    } finally {
      await changing.end();
    }
  });

  it('a change of password invalidates sign-in links', async () => {
    const { UserId: userId, browser } = await newUser();
    const { Url } = await server.admin.createSignInLink({ userId });
    await browser.client.changePassword({
      CurrentPassword: PASSWORD,
      NewPassword: 'a password that is new',
    });
    const look = new Browser(server.url).client.getInvitation({ Token: tokenOf(Url) });
    expect(await reason(look)).toBe('GONE');
  });

  it('a user locked out by failed sign-ins can change the password and reset it with a link', async () => {
    const { UserId: userId, Email, browser } = await newUser();
    for (let guess = 0; guess < 6; guess += 1)
      await reason(new Browser(server.url).signIn(Email, 'x'));
    expect(await reason(new Browser(server.url).signIn(Email, PASSWORD))).toBe('RATE_LIMITED');
    const NewPassword = 'a password that is new';
    await browser.client.changePassword({ CurrentPassword: PASSWORD, NewPassword });
    await openBrowser(server, userId);
    await new Browser(server.url).signIn(Email, PASSWORD);
  });

  it('a sign-in that was answered with UNAVAILABLE does not count as a failure', async () => {
    const before = (await server.sql.query('SELECT FROM sign_in_failures')).rows.length;
    // Hashes passwords in this process until the server, which shares it, has no free slot.
    let isBusy = true;
    const keepBusy = async () => {
      while (isBusy) await hashPassword('Password', PASSWORD).catch(() => setImmediate());
    };
    const others = Array.from({ length: 80 }, keepBusy);
    const answers: string[] = [];
    while (!answers.includes('UNAVAILABLE') && answers.length < 50) {
      answers.push(await reason(new Browser(server.url).signIn(newEmail(), 'wrong')));
    }
    isBusy = false;
    await Promise.all(others);
    expect(answers.at(-1)).toBe('UNAVAILABLE');
    const { rows } = await server.sql.query('SELECT FROM sign_in_failures WHERE failures > 0');
    expect(rows.length - before).toBe(answers.length - 1);
  });
});

describe('a user enabled again', () => {
  it('a user who was disabled and enabled again must sign in again', async () => {
    const { UserId: userId, browser } = await newUser();
    await server.admin.updateUser({ userId, IsDisabled: true });
    expect(await reason(browser.client.getSession({}))).toBe('USER_DISABLED');
    await server.admin.updateUser({ userId, IsDisabled: false });
    expect(await reason(browser.client.getSession({}))).toBe('SESSION_EXPIRED');
  });
});

describe('invitations', () => {
  it('an invitation is valid only while its creator may give that role', async () => {
    const businessId = await server.newBusiness();
    const [owner, other] = [await newOwner(businessId), await newOwner(businessId)];
    const invite = async () =>
      (
        await owner.browser.client.createInvitation({
          businessId,
          Email: newEmail(),
          Role: 'Owner',
        })
      ).Url;
    const urls = [await invite(), await invite()];
    const accept = (url = '') =>
      reason(new Browser(server.url).accept(url, { Password: PASSWORD, Name: 'x' }));
    await other.browser.client.putMember({ businessId, UserId: owner.UserId, Role: 'Admin' });
    expect(await accept(urls[0])).toBe('GONE');
    await other.browser.client.putMember({ businessId, UserId: owner.UserId, Role: 'Owner' });
    expect(await accept(urls[0])).toBe('passed');
    await server.admin.updateUser({ userId: owner.UserId, IsDisabled: true });
    expect(await accept(urls[1])).toBe('GONE');
  });
});

describe('the first sign-in link', () => {
  it('the link printed at the start is invalid once an admin can sign in another way', async () => {
    await using fresh = await startTestServer();
    const { UserId: userId } = await fresh.admin.createUser({
      Email: newEmail(),
      Name: 'Ada',
      IsAdmin: true,
    });
    await openBrowser(fresh, userId);
    const link = fresh.app.firstLink ?? '';
    const look = new Browser(fresh.url).client.getInvitation({ Token: tokenOf(link) });
    expect(await reason(look)).toBe('GONE');
    const input = { Password: PASSWORD, Email: newEmail(), Name: 'x' };
    expect(await reason(new Browser(fresh.url).accept(link, input))).toBe('GONE');
  });
});

describe('the address of the first admin', () => {
  it('no user and no invitation can use the address of the first admin', async () => {
    const Email = 'Admin@localhost';
    const businessId = await server.newBusiness();
    for (const taking of [
      () => server.admin.createUser({ Email, Name: 'x' }),
      () => server.admin.createInvitation({ businessId, Email, Role: 'Viewer' }),
      () =>
        new Browser(server.url).accept(server.app.firstLink ?? '', { Email, Password: PASSWORD }),
    ]) {
      expect(await reason(taking())).toBe('INVALID_REQUEST');
    }
  });
});

describe('API keys of other users', () => {
  it('a key can be created for users with fewer permissions only, and expires no later than the key that creates it', async () => {
    const businessId = await server.newBusiness();
    const [owner, other] = [await newOwner(businessId), await newOwner(businessId)];
    const admin = await newUser({ IsAdmin: true });
    const agent = await newUser();
    const { client } = owner.browser;
    await server.admin.putMember({ businessId, UserId: admin.UserId, Role: 'Viewer' });
    await server.admin.putMember({ businessId, UserId: agent.UserId, Role: 'Agent' });
    const make = (UserId: string) =>
      reason(client.createBusinessApiKey({ businessId, Name: 'x', UserId }));
    expect(await make(owner.UserId)).toBe('passed');
    expect(await make(agent.UserId)).toBe('passed');
    expect(await make(other.UserId)).toBe('PERMISSION_DENIED');
    expect(await make(admin.UserId)).toBe('PERMISSION_DENIED');

    const ExpiresAt = new Date(server.clock.now() + 60_000).toISOString();
    const short = await client.createBusinessApiKey({ businessId, Name: 'short', ExpiresAt });
    const byShort = server.client(short.Key);
    const again = (more: object) =>
      reason(byShort.createBusinessApiKey({ businessId, Name: 'x', ...more }));
    expect(await again({})).toBe('PERMISSION_DENIED');
    const later = new Date(server.clock.now() + 61_000).toISOString();
    expect(await again({ ExpiresAt: later })).toBe('PERMISSION_DENIED');
    expect(await again({ ExpiresAt })).toBe('passed');
  });
});
