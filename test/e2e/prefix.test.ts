import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { IdentityProvider } from '../servers/identity-provider.ts';
import {
  type BrowserSession,
  createAccountOnPage,
  DEMO_BUSINESS,
  openBrowserSession,
  PERSON,
} from './browser.ts';
import { browserPath } from './chromium.ts';

const PREFIX = '/colloquy';

/** A typical proxy: it removes the prefix and serves nothing else. */
async function openProxy() {
  let port = 0;
  const proxy = createServer((incoming, answer) => {
    const { method, headers, url = '' } = incoming;
    if (!url.startsWith(`${PREFIX}/`)) return void answer.writeHead(418).end();
    const path = url.slice(PREFIX.length);
    const onward = request({ host: '127.0.0.1', port, method, headers, path }, (reply) => {
      answer.writeHead(reply.statusCode ?? 502, reply.headers);
      reply.pipe(answer);
    });
    onward.on('error', () => answer.destroy());
    incoming.pipe(onward);
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  return {
    url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}${PREFIX}`,
    leadTo(url: string) {
      port = Number(new URL(url).port);
    },
    async [Symbol.asyncDispose]() {
      proxy.closeAllConnections();
      proxy.close();
      await once(proxy, 'close');
    },
  };
}

describe.skipIf(browserPath() === null)('below the prefix of a proxy', () => {
  const closing = new AsyncDisposableStack();
  let session: BrowserSession;
  let provider: IdentityProvider;
  let home = '';
  beforeAll(async () => {
    const proxy = closing.use(await openProxy());
    home = proxy.url;
    provider = closing.use(await IdentityProvider.open());
    provider.serve(`${home}/api/auth/oidc/callback`);
    session = closing.use(
      await openBrowserSession(
        {
          PUBLIC_URL: home,
          OIDC_ISSUER: provider.issuer,
          OIDC_CLIENT_ID: provider.clientId,
          OIDC_CLIENT_SECRET: provider.clientSecret,
          OIDC_NAME: 'Example SSO',
        },
        { onReady: ({ url }) => proxy.leadTo(url), createAccount: createAccountOnPage },
      ),
    );
  });
  afterAll(() => closing.disposeAsync());

  const requestedUrl = () => `${home}/b/${DEMO_BUSINESS}/conversations?status=Failed`;

  test('signing in with a password below a prefix leads to the requested page', async () => {
    await using page = await session.open(requestedUrl(), { isStranger: true });
    await page.getByLabel('E-mail').fill(PERSON.email);
    await page.getByLabel('Password').fill(PERSON.password);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByText('Status: Failed').waitFor();
    expect(page.url()).toBe(requestedUrl());
    await page.reload();
    await page.getByText('Status: Failed').waitFor();
    await page.getByRole('link', { name: 'Skip to the page' }).focus();
    await page.keyboard.press('Enter');
    expect(page.url()).toBe(requestedUrl());
    await page.getByRole('link', { name: 'Colloquy' }).first().click();
    await page.waitForURL(`${home}/b/${DEMO_BUSINESS}/overview`);
  });

  test('signing in with a provider below a prefix leads to the requested page', async () => {
    provider.identity = {
      sub: 'ada',
      email: PERSON.email,
      email_verified: true,
      name: PERSON.name,
    };
    await using page = await session.open(requestedUrl(), { isStranger: true });
    await page.getByRole('link', { name: 'Continue with Example SSO' }).click();
    await page.getByText('Status: Failed').waitFor();
    expect(page.url()).toBe(requestedUrl());
  });
});
