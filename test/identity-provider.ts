import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider } from 'oidc-provider';

/** Who is signed in at the provider, and what it says of them. */
export interface Identity {
  readonly sub: string;
  readonly email?: string;
  readonly email_verified?: boolean;
  readonly name?: string;
}

/** A certified OpenID provider on loopback, at which everybody is signed in and agrees to all. */
export class IdentityProvider implements AsyncDisposable {
  identity: Identity | null = null;
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

  /** Until `serve` it answers 503. */
  static async open(): Promise<IdentityProvider> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new IdentityProvider(server);
  }

  /** Begins to work, for one client. */
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
      if (!request.url?.startsWith('/interaction/')) return void answer(request, response);
      const result = this.identity
        ? { login: { accountId: this.identity.sub } }
        : { error: 'access_denied', error_description: 'nobody wants to' };
      provider.interactionFinished(request, response, result).catch(() => response.destroy());
    };
  }

  async [Symbol.asyncDispose]() {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
