import { randomBytes } from 'node:crypto';
import { type Client, createClient } from '@colloquy/sdk';

/** Keeps cookies and sends them, like a browser. */
export class Browser {
  readonly url: string;
  readonly cookies = new Map<string, string>();
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

  /** Follows no redirects, so tests see each of them. */
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

  async accept(url: string, input: { Password: string; Email?: string; Name?: string }) {
    return this.#keep(await this.client.acceptInvitation({ Token: tokenOf(url), ...input }));
  }

  #keep<S extends { CsrfToken: string | null }>(session: S): S {
    this.csrfToken = session.CsrfToken;
    return session;
  }
}

export const PASSWORD = 'correct horse battery staple';

/** A browser in which the user has set PASSWORD and is signed in. */
export async function openBrowser(
  { admin, url }: { readonly admin: Client; readonly url: string },
  userId: string,
): Promise<Browser> {
  const browser = new Browser(url);
  const { Url } = await admin.createSignInLink({ userId });
  await browser.accept(Url, { Password: PASSWORD });
  return browser;
}

export const tokenOf = (url: string) => new URL(url).hash.slice(1);

/** A different address each time; the capital letter tests that case is ignored. */
export const newEmail = () => `${randomBytes(6).toString('hex')}@Example.com`;

/** The reason of a refusal, or `passed`. */
export const reason = (promise: Promise<unknown>) =>
  promise.then(
    () => 'passed',
    (error) => error.reason ?? error,
  );
