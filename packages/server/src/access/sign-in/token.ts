import { hash, randomBytes } from 'node:crypto';

/** Only the hash (SHA-256, base64) is stored. */
export function makeToken(): { token: string; tokenHash: string } {
  const token = randomBytes(32).toString('base64url');
  return { token, tokenHash: hashToken(token) };
}

export const hashToken = (token: string) => hash('sha256', token, 'base64');

/** The token is in the fragment, which browsers do not send and logs do not contain. */
export const linkOf = (publicUrl: string, token: string) => `${publicUrl}/join#${token}`;
