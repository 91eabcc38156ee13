import {
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export type Purpose = 'cursor' | 'media';

/** Keys derived from the one SECRET, each for one purpose (HKDF-SHA-256, RFC 5869). */
export interface Secrets {
  /** The first 16 bytes of HMAC-SHA-256 over `text`, in base64url. */
  sign(purpose: Purpose, text: string): string;
  verify(purpose: Purpose, text: string, signature: string): boolean;
}

export function deriveSecrets(secret: string): Secrets {
  // Key objects: an HMAC with one takes a fifth of the time that it takes with bytes.
  const key = (purpose: Purpose) =>
    createSecretKey(Buffer.from(hkdfSync('sha256', secret, 'colloquy', purpose, 32)));
  const keys: Record<Purpose, KeyObject> = { cursor: key('cursor'), media: key('media') };
  const sign = (purpose: Purpose, text: string) =>
    createHmac('sha256', keys[purpose]).update(text).digest().toString('base64url', 0, 16);
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
