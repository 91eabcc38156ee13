import { hash, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export type Purpose = 'cursor' | 'media' | 'erased';

/** Keys derived from the one SECRET, each for one purpose (HKDF-SHA-256, RFC 5869). */
export interface Secrets {
  /** A message authentication code of 16 bytes, in base64url. */
  sign(purpose: Purpose, text: string): string;
  verify(purpose: Purpose, text: string, signature: string): boolean;
}

/** Characters of base64url that hold 16 bytes. */
const SIGNATURE_LENGTH = 22;

export function deriveSecrets(secret: string): Secrets {
  const key = (purpose: Purpose) =>
    Buffer.from(hkdfSync('sha256', secret, 'colloquy', purpose, 32)).toString('hex');
  const keys: Record<Purpose, string> = {
    cursor: key('cursor'),
    media: key('media'),
    erased: key('erased'),
  };
  // SHA-3 cannot be extended, so the key in front makes it a MAC (as in KMAC, NIST SP 800-185). In one
  // call it takes a third of the time of an HMAC object, and a read signs every AudioUrl.
  const sign = (purpose: Purpose, text: string) =>
    hash('sha3-256', keys[purpose] + text, 'base64url').slice(0, SIGNATURE_LENGTH);
  return {
    sign,
    verify(purpose, text, signature) {
      const expected = Buffer.from(sign(purpose, text));
      const given = Buffer.from(signature);
      return expected.length === given.length && timingSafeEqual(expected, given);
    },
  };
}

/** The secret kept in the data directory, made at the first start (mode 600). */
export async function keepSecret(dataDir: string): Promise<string> {
  const path = join(dataDir, 'secret');
  await mkdir(dataDir, { recursive: true });
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  await writeFile(draft, randomBytes(32).toString('base64url'), { mode: 0o600, flush: true });
  // link() fails where the name is taken, so two starters agree on one secret.
  await link(draft, path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await rm(draft);
  return (await readFile(path, 'utf8')).trim();
}
