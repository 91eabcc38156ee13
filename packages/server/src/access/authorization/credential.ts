import { hash, randomBytes } from 'node:crypto';
import { Fault } from '../../kernel/fault.ts';

const AUTHORIZATION = /^(?:token|bearer)[ \t]+(.+)$/i;

export function makeKey(): string {
  return `colloquy_${randomBytes(32).toString('base64url')}`;
}

/** SHA-256 in base64. Keys are random, so a slow hash would add no protection. */
export function hashKey(key: string): string {
  return hash('sha256', key, 'base64');
}

/** Faults: API_KEY_MISSING, API_KEY_INVALID. */
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
  // Node decodes header bytes as Latin-1, independent of the client's encoding.
  return hash('sha256', Buffer.from(key, 'latin1'), 'base64');
}

/** One message for unknown, malformed, revoked and expired keys, to reveal nothing about them. */
export function invalidKey(): Fault {
  return new Fault(
    'API_KEY_INVALID',
    'This API key is not valid; check that it is complete, or ask an admin for a new one.',
  );
}
