import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider } from 'oidc-provider';
import { Browser } from './browser.ts';

export interface Identity {
  readonly sub: string;
  readonly email?: string;
  readonly email_verified?: boolean | undefined;
  readonly name?: string;
}

export interface TokenAnswer {
  readonly id_token?: string | undefined;
  readonly [name: string]: unknown;
}

const newKey = () => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const KEY_ID = 'test';
const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A certified OpenID provider on loopback, at which everyone is signed in and consents. */
export class IdentityProvider implements AsyncDisposable {
  identity: Identity | null = null;
  /** Changes the answer of the token endpoint, like a broken or hostile provider. */
  changeTokens: ((answer: TokenAnswer) => TokenAnswer) | null = null;
  readonly #key = newKey();
  readonly issuer: string;
  readonly clientId = 'colloquy';
  readonly clientSecret = 'client-secret-0123456789abcdef0123456789';
  readonly #server: ReturnType<typeof createServer>;
  #answer: RequestListener = (_request, response) => void response.writeHead(503).end();

  private constructor(server: ReturnType<typeof createServer>) {
    this.#server = server;
    server.on('request', (request, response) => this.#answer(request, response));
    this.issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** Answers 503 until `serve`. */
  static async open(): Promise<IdentityProvider> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new IdentityProvider(server);
  }

  /**
   * An id_token with other claims or another header; signed with the key of the provider by
   * default.
   */
  resign(
    token: string | undefined,
    { claims = {}, header = {}, key = this.#key }: Resigning = {},
  ): string {
    const [, body = ''] = token?.split('.') ?? [];
    const before = JSON.parse(Buffer.from(body, 'base64url').toString()) as object;
    const text = [
      { alg: 'RS256', kid: KEY_ID, ...header },
      { ...before, ...claims },
    ]
      .map(encode)
      .join('.');
    const signature =
      key === null ? '' : sign('sha256', Buffer.from(text), key).toString('base64url');
    return `${text}.${signature}`;
  }

  serve(redirectUri: string): void {
    const provider = new Provider(this.issuer, {
      clients: [
        {
          client_id: this.clientId,
          client_secret: this.clientSecret,
          redirect_uris: [redirectUri],
        },
      ],
      claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
      cookies: { keys: ['test'] },
      jwks: {
        keys: [{ ...this.#key.export({ format: 'jwk' }), kid: KEY_ID, alg: 'RS256', use: 'sig' }],
      },
      features: { devInteractions: { enabled: false } },
      findAccount: (_ctx, sub) => ({ accountId: sub, claims: () => ({ ...this.identity, sub }) }),
      interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
      async loadExistingGrant({ oidc }) {
        const grant = new provider.Grant({
          accountId: oidc.session?.accountId ?? '',
          clientId: oidc.client?.clientId ?? '',
        });
        grant.addOIDCScope('openid email profile');
        await grant.save();
        return grant;
      },
    });
    const answer = provider.callback();
    this.#answer = (request, response) => {
      if (request.url === '/token') rewriteAnswer(response, (tokens) => this.#changed(tokens));
      if (!request.url?.startsWith('/interaction/')) return void answer(request, response);
      const result = this.identity
        ? { login: { accountId: this.identity.sub } }
        : { error: 'access_denied', error_description: 'nobody wants to' };
      provider.interactionFinished(request, response, result).catch(() => response.destroy());
    };
  }

  #changed(answer: TokenAnswer): TokenAnswer {
    return this.changeTokens && answer.id_token !== undefined ? this.changeTokens(answer) : answer;
  }

  async [Symbol.asyncDispose]() {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

interface Resigning {
  readonly claims?: object;
  readonly header?: object;
  readonly key?: KeyObject | null;
}

export const strangersKey = newKey;

function rewriteAnswer(response: ServerResponse, change: (answer: TokenAnswer) => TokenAnswer) {
  const end = response.end.bind(response) as (text: string) => ServerResponse;
  response.end = ((body: string | Buffer) => {
    const text = JSON.stringify(change(JSON.parse(String(body)) as TokenAnswer));
    if (!response.headersSent) response.setHeader('Content-Length', Buffer.byteLength(text));
    return end(text);
  }) as typeof response.end;
}

/** Follows redirects between a server and the provider; returns the path of the last page. */
export async function followRedirects(
  mine: Browser,
  from: string,
  issuer: string,
  change = (url: string) => url,
): Promise<string> {
  const home = mine.url;
  const atProvider = new Browser(issuer);
  let url = new URL(from, home).href;
  for (let step = 0; step < 12; step += 1) {
    const isOurs = url.startsWith(home);
    if (isOurs && !url.startsWith(`${home}/api/auth/`)) return url.slice(home.length);
    const response = await (isOurs ? mine : atProvider).fetch(url);
    const location = response.headers.get('location');
    if (location === null) throw new Error(`${response.status} at ${url}`);
    url = change(new URL(location, url).href);
  }
  throw new Error('too many redirects');
}
