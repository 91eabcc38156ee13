import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { readConfig } from '../../packages/server/src/config.ts';
import { Browser, openBrowser } from '../servers/browser.ts';
import { followRedirects, IdentityProvider } from '../servers/identity-provider.ts';
import { startTestServer, type TestServer } from '../servers/test-server.ts';

let provider: IdentityProvider;
let server: TestServer;
const lines: string[] = [];
beforeAll(async () => {
  provider = await IdentityProvider.open();
  const { issuer, clientId, clientSecret } = provider;
  const log = pino({ level: 'trace' }, { write: (line) => void lines.push(line) });
  server = await startTestServer({
    oidc: { issuer, clientId, clientSecret, name: 'Example SSO', vouchesForAll: false },
    overrides: { log },
  });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await provider[Symbol.asyncDispose]();
});

const newIdentity = (more: object = {}) => {
  const name = randomBytes(6).toString('hex');
  return { sub: `sub-${name}`, email: `${name}@example.com`, email_verified: true, ...more };
};

const walk = (
  mine: Browser,
  from: string,
  change?: (url: string) => string,
  { issuer } = provider,
) => followRedirects(mine, from, issuer, change);

const startAt = (to?: string) =>
  `/api/auth/oidc/start${to === undefined ? '' : `?to=${encodeURIComponent(to)}`}`;

async function signIn(identity: IdentityProvider['identity'], to?: string) {
  provider.identity = identity;
  const mine = new Browser(server.url);
  const page = await walk(mine, startAt(to));
  return { page, client: mine.client, browser: mine };
}

test('users can sign in with a password while the provider does not answer', async () => {
  const { page } = await signIn(newIdentity());
  expect(page).toBe('/sign-in?error=SINGLE_SIGN_ON_UNAVAILABLE');
  const user = await server.admin.createUser({ Email: newIdentity().email, Name: 'x' });
  await openBrowser(server, user.UserId);
  // From here on the provider answers; the server finds it without a restart.
  provider.serve(`${server.url}/api/auth/oidc/callback`);
});

describe('single sign-on', () => {
  it('GetSignInOptions names the provider', async () => {
    const mine = new Browser(server.url);
    expect(await mine.client.getSignInOptions({})).toEqual({
      PasswordSignIn: true,
      SingleSignOn: { Name: 'Example SSO', Url: '/api/auth/oidc/start' },
    });
  });

  it('single sign-on finds a user by address and later by the linked subject', async () => {
    const identity = newIdentity({ name: 'Ada' });
    const { email, sub } = identity;
    const user = await server.admin.createUser({ Email: email.toUpperCase(), Name: 'Known' });
    const { page, client, browser } = await signIn(identity, '/business/1?tab=a%20b#top');
    expect(page).toBe('/business/1?tab=a%20b#top');
    const session = await client.getSession({});
    expect(session.User).toEqual({
      UserId: user.UserId,
      Email: email.toUpperCase(),
      Name: 'Known',
      IsAdmin: false,
      HasPassword: false,
    });
    const cookie = browser.setCookies.find((line) => line.startsWith('colloquy.session_token='));
    expect(cookie).toMatch(/HttpOnly/);
    expect(cookie).toMatch(/SameSite=Lax/);
    browser.csrfToken = session.CsrfToken;
    expect((await client.updateProfile({ Name: 'Ada' })).User.Name).toBe('Ada');
    // Recognized by the subject, although the address has changed.
    const moved = await signIn({ sub, email: newIdentity().email, email_verified: true });
    expect((await moved.client.getSession({})).User.UserId).toBe(user.UserId);
    const { rows } = await server.sql.query('SELECT * FROM accounts WHERE user_id = $1', [
      user.UserId,
    ]);
    expect(rows).toMatchObject([
      { provider: 'oidc', subject: `${provider.issuer} ${sub}`, password_hash: null },
    ]);
    await client.changePassword({ CurrentPassword: null, NewPassword: 'a first one of my own' });
    expect((await client.getSession({})).User.HasPassword).toBe(true);
  });

  it('single sign-on accepts invitations of the address', async () => {
    const [one, two] = [await server.newBusiness(), await server.newBusiness()];
    const identity = newIdentity({ name: 'Grace' });
    const Email = identity.email.replace('e', 'E');
    await server.admin.createInvitation({ businessId: one, Email, Role: 'Agent' });
    const { page, client } = await signIn(identity);
    expect(page).toBe('/');
    const { User } = await client.getSession({});
    expect(User).toMatchObject({ Email, Name: 'Grace', HasPassword: false });
    const businesses = async () =>
      (await client.getMyBusinesses({})).Items.map(({ BusinessId, Role }) => [BusinessId, Role]);
    expect(await businesses()).toEqual([[one, 'Agent']]);
    expect((await server.admin.getInvitations({ businessId: one })).Items).toEqual([]);
    const log = await server.admin.getAudit({ businessId: one, Filter: { UserId: User.UserId } });
    expect(log.Items.map(({ Action }) => Action)).toEqual(['MemberAdded', 'InvitationAccepted']);
    // A known user accepts further invitations by signing in.
    await server.admin.createInvitation({ businessId: two, Email, Role: 'Viewer' });
    await signIn(identity);
    expect(await businesses()).toEqual([
      [one, 'Agent'],
      [two, 'Viewer'],
    ]);
  });

  it('single sign-on gives an account to the owner of the address and signs out an impostor', async () => {
    const identity = newIdentity({ name: 'The real one' });
    const [theirs, ours] = [await server.newBusiness(), await server.newBusiness()];
    const { Url } = await server.admin.createInvitation({
      businessId: theirs,
      Email: identity.email,
      Role: 'Owner',
    });
    const Password = 'of somebody else';
    const impostor = new Browser(server.url);
    await impostor.accept(Url, { Password, Name: 'Impostor' });
    await server.admin.createInvitation({
      businessId: ours,
      Email: identity.email,
      Role: 'Owner',
    });
    const { client } = await signIn(identity);
    expect((await client.getSession({})).User.HasPassword).toBe(false);
    expect((await client.getMyBusinesses({})).Items).toHaveLength(2);
    await expect(impostor.client.getSession({})).rejects.toMatchObject({ status: 401 });
    await expect(impostor.signIn(identity.email, Password)).rejects.toMatchObject({ status: 401 });
    // The address is proven, so a password set from here on is kept.
    const again = await signIn(identity);
    again.browser.csrfToken = (await again.client.getSession({})).CsrfToken;
    await again.client.changePassword({ CurrentPassword: null, NewPassword: Password });
    await signIn(identity);
    expect((await again.client.getSession({})).User.HasPassword).toBe(true);
  });

  it('single sign-on does not match an address that only lowercases to the same letters', async () => {
    const email = `k${newIdentity().email}`;
    await server.admin.createUser({ Email: email, Name: 'Kate' });
    const disguised = newIdentity({ email: `\u212a${email.slice(1)}` });
    const { page } = await signIn(disguised);
    expect(page).toBe('/sign-in?error=EMAIL_NOT_VERIFIED');
  });

  const users = async () =>
    (await server.sql.query('SELECT count(*)::int AS n FROM users')).rows[0].n as number;

  it('single sign-on refuses an address without an invitation or with an expired one', async () => {
    const before = await users();
    expect((await signIn(newIdentity())).page).toBe('/sign-in?error=NOT_INVITED');
    const late = newIdentity();
    const businessId = await server.newBusiness();
    await server.admin.createInvitation({ businessId, Email: late.email, Role: 'Owner' });
    server.clock.advance(7 * 86_400);
    const { page, browser } = await signIn(late);
    expect(page).toBe('/sign-in?error=NOT_INVITED');
    expect([...browser.cookies.keys()]).not.toContain('colloquy.session_token');
    expect(await users()).toBe(before);
  });

  it('single sign-on refuses an unverified or missing address', async () => {
    const identity = newIdentity({ email_verified: false });
    expect((await signIn(identity)).page).toBe('/sign-in?error=EMAIL_NOT_VERIFIED');
    await server.admin.createUser({ Email: identity.email, Name: 'x' });
    expect((await signIn(identity)).page).toBe('/sign-in?error=EMAIL_NOT_VERIFIED');
    await signIn({ ...identity, email_verified: true });
    expect((await signIn(identity)).page).toBe('/sign-in?error=EMAIL_NOT_VERIFIED');
    const silent = newIdentity({ email_verified: undefined });
    await server.admin.createUser({ Email: silent.email, Name: 'x' });
    expect((await signIn(silent)).page).toBe('/sign-in?error=EMAIL_NOT_VERIFIED');
    const { page } = await signIn({ sub: 'nameless' });
    expect(page).toBe('/sign-in?error=EMAIL_MISSING');
  });

  it('single sign-on refuses a disabled user, and a person who denies access at the provider', async () => {
    const identity = newIdentity();
    const user = await server.admin.createUser({ Email: identity.email, Name: 'x' });
    await signIn(identity);
    await server.admin.updateUser({ userId: user.UserId, IsDisabled: true });
    expect((await signIn(identity)).page).toBe('/sign-in?error=USER_DISABLED');
    expect((await signIn(null)).page).toBe('/sign-in?error=ACCESS_DENIED');
  });

  it('single sign-on refuses an altered callback and one that another browser began', async () => {
    const identity = newIdentity();
    await server.admin.createUser({ Email: identity.email, Name: 'x' });
    provider.identity = identity;
    const altered: Record<string, (url: URL) => void> = {
      state: (url) => url.searchParams.set('state', 'x'.repeat(32)),
      code: (url) => url.searchParams.set('code', 'x'.repeat(43)),
      iss: (url) => url.searchParams.set('iss', 'https://evil.example.com'),
      'no state': (url) => url.searchParams.delete('state'),
    };
    for (const [alteration, alter] of Object.entries(altered)) {
      const mine = new Browser(server.url);
      const page = await walk(mine, startAt(), (location) => {
        const url = new URL(location);
        if (url.pathname.endsWith('/callback')) alter(url);
        return url.href;
      });
      const code = alteration.includes('state') ? 'SIGN_IN_EXPIRED' : 'SIGN_IN_FAILED';
      expect(`${alteration}: ${page}`).toBe(`${alteration}: /sign-in?error=${code}`);
      expect([...mine.cookies.keys()]).not.toContain('colloquy.session_token');
    }
    // The complete callback link of another browser, opened by a victim.
    let link = '';
    await walk(new Browser(server.url), startAt(), (location) => {
      if (new URL(location).pathname.endsWith('/callback')) {
        link = location;
        return `${server.url}/caught`;
      }
      return location;
    });
    const victim = new Browser(server.url);
    expect(await walk(victim, link)).toBe('/sign-in?error=SIGN_IN_EXPIRED');
  });

  it('single sign-on sends a PKCE challenge and a nonce, and checks both', async () => {
    provider.identity = newIdentity();
    await server.admin.createUser({ Email: provider.identity.email ?? '', Name: 'x' });
    let authorization = new URLSearchParams();
    const mine = new Browser(server.url);
    const page = await walk(mine, startAt(), (location) => {
      const url = new URL(location);
      if (url.pathname === '/auth' && url.searchParams.has('nonce')) {
        authorization = new URLSearchParams(url.searchParams);
        url.searchParams.set('nonce', 'another');
      }
      return url.href;
    });
    expect(authorization.get('code_challenge_method')).toBe('S256');
    expect(authorization.get('scope')?.split(' ').toSorted()).toEqual([
      'email',
      'openid',
      'profile',
    ]);
    expect(authorization.get('redirect_uri')).toBe(`${server.url}/api/auth/oidc/callback`);
    expect(page).toBe('/sign-in?error=SIGN_IN_FAILED');
    const swapped = await walk(new Browser(server.url), startAt(), (location) => {
      const url = new URL(location);
      const challenge = randomBytes(32).toString('base64url');
      if (url.searchParams.has('code_challenge')) url.searchParams.set('code_challenge', challenge);
      return url.href;
    });
    expect(swapped).toBe('/sign-in?error=SIGN_IN_FAILED');
  });

  it('single sign-on redirects only to pages of this server', async () => {
    for (const to of [
      ...['https://evil.example.com/', '//evil.example.com', '/\\evil.example.com', 'a', ''],
      ...['/\t/evil.example.com', '/a b', '/\n', `/${'x'.repeat(1_024)}`, 'javascript:alert(1)'],
    ]) {
      const response = await new Browser(server.url).fetch(startAt(to));
      expect([to, response.status, response.headers.get('location')]).toEqual([
        ...[to, 302, `${server.url}/sign-in?error=INVALID_REQUEST`],
      ]);
    }
    const twice = await new Browser(server.url).fetch('/api/auth/oidc/start?to=/a&to=/b');
    expect(twice.headers.get('location')).toMatch(`${provider.issuer}/auth`);
  });

  it('single sign-on logs no address, code or token', () => {
    const text = lines.join('');
    expect(text.length).toBeGreaterThan(1_000);
    expect(text).not.toMatch(/@example\.com|code=|eyJ|client-secret|session_token/i);
  });

  it('an address without a verified flag is accepted if OIDC_VOUCHES_FOR_ALL is set', async () => {
    await using silent = await IdentityProvider.open();
    const { issuer, clientId, clientSecret } = silent;
    await using trusting = await startTestServer({
      oidc: { issuer, clientId, clientSecret, name: 'Directory', vouchesForAll: true },
    });
    silent.serve(`${trusting.url}/api/auth/oidc/callback`);
    const signInThere = async (identity: IdentityProvider['identity']) => {
      silent.identity = identity;
      return walk(new Browser(trusting.url), startAt(), undefined, silent);
    };
    const { sub, email } = newIdentity();
    await trusting.admin.createUser({ Email: email, Name: 'x' });
    const refused = await signInThere({ sub, email, email_verified: false });
    expect(refused).toBe('/sign-in?error=EMAIL_NOT_VERIFIED');
    expect(await signInThere({ sub, email })).toBe('/');
  });

  it('single sign-on answers 404 if it is not configured', async () => {
    await using plain = await startTestServer();
    for (const path of ['start', 'callback']) {
      expect((await fetch(`${plain.url}/api/auth/oidc/${path}`)).status).toBe(404);
    }
  });
});

describe('settings of single sign-on', () => {
  const all = {
    OIDC_ISSUER: 'https://login.example.com/',
    OIDC_CLIENT_ID: 'id',
    OIDC_CLIENT_SECRET: 'secret',
    OIDC_NAME: 'Example',
  };

  it('the OIDC settings must be set together or not at all', () => {
    expect(readConfig({}).oidc).toBeNull();
    expect(readConfig(all).oidc).toEqual({
      issuer: 'https://login.example.com',
      clientId: 'id',
      clientSecret: 'secret',
      name: 'Example',
      vouchesForAll: false,
    });
    expect(readConfig({ ...all, OIDC_VOUCHES_FOR_ALL: '1' }).oidc?.vouchesForAll).toBe(true);
    for (const name of Object.keys(all)) {
      expect(() => readConfig({ ...all, [name]: ' ' })).toThrow(`${name} must be set too`);
    }
    expect(() => readConfig({ OIDC_NAME: 'x' })).toThrow(
      'OIDC_ISSUER and OIDC_CLIENT_ID and OIDC_CLIENT_SECRET must be set too',
    );
  });

  it('OIDC_ISSUER must be an HTTPS address, or HTTP on localhost', () => {
    for (const OIDC_ISSUER of ['login', 'http://login.example.com', 'https://x/?a', 'ftp://x']) {
      expect(() => readConfig({ ...all, OIDC_ISSUER })).toThrow('OIDC_ISSUER is');
    }
    readConfig({ ...all, OIDC_ISSUER: 'http://localhost:9000' });
  });
});
