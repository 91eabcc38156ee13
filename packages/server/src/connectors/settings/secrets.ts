import type { Secrets } from '../../kernel/secrets.ts';
import type { SecretSet } from '../sources/source.ts';

const OVERLAP_MILLISECONDS = 86_400_000;

interface StoredSecrets {
  readonly secrets: SecretSet;
  /** Null: they are the current ones. */
  readonly expiresAt: number | null;
}

export const encipherSecrets = (secrets: Secrets, own: readonly StoredSecrets[]): string =>
  secrets.encipher(JSON.stringify(own));

/** Those that are valid, the current ones first. */
export function decipherSecrets(
  secrets: Secrets,
  enciphered: string,
  now: number,
): StoredSecrets[] {
  const stored = JSON.parse(secrets.decipher(enciphered)) as StoredSecrets[];
  return stored.filter(({ expiresAt }) => expiresAt === null || expiresAt > now);
}

/** The current ones are valid for another day. */
export function rotated(current: readonly StoredSecrets[], secrets: SecretSet, now: number) {
  const expiresAt = now + OVERLAP_MILLISECONDS;
  const previous = current.slice(0, 1).map((one) => ({ ...one, expiresAt }));
  return { stored: [{ secrets, expiresAt: null }, ...previous], previousExpireAt: expiresAt };
}
