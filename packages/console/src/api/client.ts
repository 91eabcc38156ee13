import { createClient } from '@colloquy/sdk';

/** Where the console is served, without a slash at its end: the API lies beside it. */
export const HERE = document.baseURI.replace(/\/+$/, '');

let csrfToken: string | null = null;

/** What the server asks for with each change, beside the cookie; null after signing out. */
export function keepCsrfToken(token: string | null): void {
  csrfToken = token;
}

/**
 * Authenticated by the browser's cookie. It does not wait to try again: whoever is told to come back later
 * is to read that. What is only read is tried again by the queries.
 */
export const client = createClient({
  baseUrl: HERE,
  retries: 0,
  headers: (): Record<string, string> => (csrfToken === null ? {} : { 'X-CSRF-Token': csrfToken }),
});
