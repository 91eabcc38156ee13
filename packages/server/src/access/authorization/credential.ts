import { hash, randomBytes } from 'node:crypto';
import { Fault } from '../../kernel/fault.ts';

const AUTHORIZATION = /^(?:token|bearer)[ \t]+(.+)$/i;

/** A new API key. It is shown once; only its hash is kept. */
export function makeKey(): string {
  return `colloquy_${randomBytes(32).toString('base64url')}`;
}

/** SHA-256 in base64: keys are random, so there is nothing to guess that a slow hash would slow. */
export function hashKey(key: string): string {
  return hash('sha256', key, 'base64');
}

/** The hash of the key in an `Authorization` header. Faults: API_KEY_MISSING, API_KEY_INVALID. */
export function hashOfAuthorization(authorization: string | undefined): string {
  const given = authorization?.trim() ?? '';
  if (given === '') {
    throw new Fault(
      'API_KEY_MISSING',
      'Send an API key with the request, in the header `Authorization: Token <API key>`.',
    );
  }
  const key = AUTHORIZATION.exec(given)?.[1];
  if (key === undefined) throw invalidKey();
  // Node gives each byte of a header as one character, whatever encoding the client wrote.
  return hash('sha256', Buffer.from(key, 'latin1'), 'base64');
}

/** One sentence for unknown, malformed, revoked and expired, so that nobody can tell which. */
export function invalidKey(): Fault {
  return new Fault(
    'API_KEY_INVALID',
    'This API key is not valid; check that it is complete, or ask an admin for a new one.',
  );
}
