import { randomBytes } from 'node:crypto';
import { type Client, createClient } from '@colloquy/sdk';

/** What a browser does of its own: it keeps cookies, and sends them along. */
export class Browser {
  readonly url: string;
  readonly cookies = new Map<string, string>();
  /** As they came, attributes and all. */
  readonly setCookies: string[] = [];
  csrfToken: string | null = null;
  readonly client: Client;

  constructor(url: string) {
    this.url = url;
    this.client = createClient({
      baseUrl: url,
      retries: 0,
      headers: () => (this.csrfToken === null ? {} : { 'X-CSRF-Token': this.csrfToken }),
      fetch: (input, init) => this.fetch(String(input), init),
    });
  }

  /** Follows no redirect, so that a test sees each. */
  readonly fetch = async (url: string, init: RequestInit = {}): Promise<Response> => {
    const headers = new Headers(init.headers);
    const pairs = [...this.cookies].map(([name, value]) => `${name}=${value}`);
    if (pairs.length > 0) headers.set('Cookie', pairs.join('; '));
    const response = await fetch(new URL(url, this.url), { ...init, headers, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) {
      this.setCookies.push(line);
      const [pair = '', ...attributes] = line.split(/; */);
      const [name = '', value = ''] = pair.split(/=(.*)/s);
      const isOver = attributes.some((attribute) => /^max-age=0$/i.test(attribute));
      if (isOver || value === '') this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return response;
  };

  async signIn(Email: string, Password: string) {
    return this.#keep(await this.client.signIn({ Email, Password }));
  }

  /** Opens a link that somebody was given. */
  async accept(url: string, input: { Password: string; Email?: string; Name?: string }) {
    return this.#keep(await this.client.acceptInvitation({ Token: tokenOf(url), ...input }));
  }

  #keep<S extends { CsrfToken: string | null }>(session: S): S {
    this.csrfToken = session.CsrfToken;
    return session;
  }
}

/** What stands behind the `#` of a link. */
export const tokenOf = (url: string) => new URL(url).hash.slice(1);

/** Each time another; in large letters too, which make no difference. */
export const newEmail = () => `${randomBytes(6).toString('hex')}@Example.com`;

/** Why the API refuses something; `passed` where it does not. */
export const reason = (promise: Promise<unknown>) =>
  promise.then(
    () => 'passed',
    (error) => error.reason ?? error,
  );
