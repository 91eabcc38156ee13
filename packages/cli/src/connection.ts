import { type Client, createClient } from '@colloquy/sdk';
import { UsageError } from './failure.ts';

const DEFAULT_URL = 'http://127.0.0.1:8080';

/** Without a trailing slash. */
export function serverUrl(): string {
  const baseUrl = process.env.COLLOQUY_URL?.trim() || DEFAULT_URL;
  if (!/^https?:\/\//.test(baseUrl) || !URL.canParse(baseUrl)) {
    throw new UsageError(`COLLOQUY_URL is "${baseUrl}"; give an http:// or https:// URL.`);
  }
  return baseUrl.replace(/\/+$/, '');
}

export function connect(options: { retries?: number } = {}): Client {
  const baseUrl = serverUrl();
  const apiKey = process.env.COLLOQUY_KEY?.trim() ?? '';
  if (apiKey === '') {
    throw new UsageError(
      'COLLOQUY_KEY is not set; set it to an API key, such as the one that the server prints at its first start.',
    );
  }
  if (!/^[\x21-\x7e]+$/.test(apiKey)) {
    throw new UsageError('COLLOQUY_KEY contains characters that are not allowed in an API key.');
  }
  return createClient({ baseUrl, apiKey, ...options });
}
