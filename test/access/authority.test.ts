import { request } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashPassword } from '../../packages/server/src/access/sign-in/passwords.ts';
import { Browser, newEmail, reason, tokenOf } from '../servers/browser.ts';
import { until } from '../servers/server-process.ts';
import { startTestServer, type TestServer } from '../servers/test-server.ts';

// What somebody may do ends when it ends: not when a request, a link or a session of before is over.

const PASSWORD = 'correct horse battery staple';
let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());

async function newUser(more: { IsAdmin?: boolean } = {}) {
  const user = await server.admin.createUser({ Email: newEmail(), Name: 'Somebody', ...more });
  const { Url } = await server.admin.createSignInLink({ userId: user.UserId });
  const browser = new Browser(server.url);
  await browser.accept(Url, { Password: PASSWORD });
  return { ...user, browser };
}

async function newOwner(businessId: number) {
  const owner = await newUser();
  await server.admin.putMember({ businessId, UserId: owner.UserId, Role: 'Owner' });
  return owner;
}

interface Held {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | string;
}

/** Sends all but the last byte of a request; what it gives sends that one, and tells the answer's code. */
async function hold({ method, path, headers, body }: Held): Promise<() => Promise<string>> {
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
  // It is under way when another one that came later has been answered.
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

describe('a request that is on its way', () => {
  it('is refused when its key was revoked before all of it had come', async () => {
    const businessId = await server.newBusiness();
    const owner = await newOwner(businessId);
    const { Key, ApiKeyId: apiKeyId } = await owner.browser.client.createBusinessApiKey({
      businessId,
      Name: 'x',
    });
    const before = await hold({
      method: 'POST',
      path: `/business/${businessId}/invitations`,
      headers: { ...JSON_TYPE, ...byKey(Key) },
      body: JSON.stringify({ Email: newEmail(), Role: 'Owner' }),
    });
    const other = await hold({
      method: 'POST',
      path: `/business/${businessId}/invitations`,
      headers: { ...JSON_TYPE, ...byKey(Key) },
      body: JSON.stringify({ Email: newEmail(), Role: 'Owner' }),
    });
    expect(await before()).toBe('passed');
    await server.admin.revokeApiKey({ apiKeyId });
    expect(await other()).toBe('API_KEY_INVALID');
  });

  it('is refused when its user lost their role, or is disabled', async () => {
    const businessId = await server.newBusiness();
    const owner = await newOwner(businessId);
    const { UserId } = await newUser();
    const promote = {
      method: 'PUT',
      path: `/business/${businessId}/members`,
      headers: { ...JSON_TYPE, ...byCookie(owner.browser) },
      body: JSON.stringify({ UserId, Role: 'Owner' }),
    };
    const held = await hold(promote);
    const later = await hold(promote);
    await newOwner(businessId);
    await server.admin.putMember({ businessId, UserId: owner.UserId, Role: 'Admin' });
    expect(await held()).toBe('PERMISSION_DENIED');
    await server.admin.updateUser({ userId: owner.UserId, IsDisabled: true });
    expect(await later()).toBe('USER_DISABLED');
  });

  it('is refused when its admin is none any more, or has signed out', async () => {
    const admin = await newUser({ IsAdmin: true });
    const restore = await hold({
      method: 'PATCH',
      path: `/admin/users/${admin.UserId}`,
      headers: { ...JSON_TYPE, ...byCookie(admin.browser) },
      body: JSON.stringify({ IsAdmin: true }),
    });
    await server.admin.updateUser({ userId: admin.UserId, IsAdmin: false });
    expect(await restore()).toBe('PERMISSION_DENIED');
    const rename = await hold({
      method: 'PATCH',
      path: '/session/user',
      headers: { ...JSON_TYPE, ...byCookie(admin.browser) },
      body: JSON.stringify({ Name: 'Other' }),
    });
    await admin.browser.client.signOut({});
    expect(await rename()).toBe('SESSION_EXPIRED');
  });

  it('leaves no recording where its key was revoked meanwhile', async () => {
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
    const upload = await hold({
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

describe('a password', () => {
  it('that is changed lets nobody in who gave the old one just before', async () => {
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

  it('that is changed ends the links that would set another', async () => {
    const { UserId: userId, browser } = await newUser();
    const { Url } = await server.admin.createSignInLink({ userId });
    await browser.client.changePassword({
      CurrentPassword: PASSWORD,
      NewPassword: 'a password that is new',
    });
    const look = new Browser(server.url).client.getInvitation({ Token: tokenOf(Url) });
    expect(await reason(look)).toBe('GONE');
  });

  it('is set anew by a link though strangers locked the address, who lock no change of it', async () => {
    const { UserId: userId, Email, browser } = await newUser();
    for (let guess = 0; guess < 6; guess += 1)
      await reason(new Browser(server.url).signIn(Email, 'x'));
    expect(await reason(new Browser(server.url).signIn(Email, PASSWORD))).toBe('RATE_LIMITED');
    const NewPassword = 'a password that is new';
    await browser.client.changePassword({ CurrentPassword: PASSWORD, NewPassword });
    const { Url } = await server.admin.createSignInLink({ userId });
    await new Browser(server.url).accept(Url, { Password: PASSWORD });
    await new Browser(server.url).signIn(Email, PASSWORD);
  });

  it('is no guess where the server had no time to look', async () => {
    const before = (await server.sql.query('SELECT FROM sign_in_failures')).rows.length;
    // The server is in this process: as many as it takes wait for their turn, over and over.
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

describe('a user who is enabled again', () => {
  it('signs in anew', async () => {
    const { UserId: userId, browser } = await newUser();
    await server.admin.updateUser({ userId, IsDisabled: true });
    expect(await reason(browser.client.getSession({}))).toBe('USER_DISABLED');
    await server.admin.updateUser({ userId, IsDisabled: false });
    expect(await reason(browser.client.getSession({}))).toBe('SESSION_EXPIRED');
  });
});

describe('an invitation', () => {
  it('is good as long as whoever gave it could give it', async () => {
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

describe('a link of the start', () => {
  it('is over when an admin has another way in', async () => {
    await using fresh = await startTestServer();
    const { UserId: userId } = await fresh.admin.createUser({
      Email: newEmail(),
      Name: 'Ada',
      IsAdmin: true,
    });
    const { Url } = await fresh.admin.createSignInLink({ userId });
    await new Browser(fresh.url).accept(Url, { Password: PASSWORD });
    const link = fresh.app.firstLink ?? '';
    const look = new Browser(fresh.url).client.getInvitation({ Token: tokenOf(link) });
    expect(await reason(look)).toBe('GONE');
    const input = { Password: PASSWORD, Email: newEmail(), Name: 'x' };
    expect(await reason(new Browser(fresh.url).accept(link, input))).toBe('GONE');
  });
});

describe('the address of the first admin', () => {
  it('is for nobody else', async () => {
    const Email = 'Admin@localhost';
    const businessId = await server.newBusiness();
    for (const taking of [
      server.admin.createUser({ Email, Name: 'x' }),
      server.admin.createInvitation({ businessId, Email, Role: 'Viewer' }),
      new Browser(server.url).accept(server.app.firstLink ?? '', { Email, Password: PASSWORD }),
    ]) {
      expect(await reason(taking)).toBe('INVALID_REQUEST');
    }
  });
});

describe('a key', () => {
  it('is made for others who may less, and lasts no longer than the one that makes it', async () => {
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
