import { hash, randomBytes } from 'node:crypto';

/** The token of a link, and the hash (SHA-256, base64) that is kept of it. */
export function makeToken(): { token: string; tokenHash: string } {
  const token = randomBytes(32).toString('base64url');
  return { token, tokenHash: hashToken(token) };
}

export const hashToken = (token: string) => hash('sha256', token, 'base64');

/** In the fragment, which no browser sends and no log holds. */
export const linkOf = (publicUrl: string, token: string) => `${publicUrl}/join#${token}`;
