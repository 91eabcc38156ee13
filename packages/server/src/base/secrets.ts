import {
  createCipheriv,
  createDecipheriv,
  hash,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export type Purpose =
  | 'cursor'
  | 'media'
  | 'erased'
  | 'subject'
  | 'participant'
  | 'backup'
  | 'csrf'
  | 'sign-in';

/** Keys derived from the one SECRET, each for one purpose (HKDF-SHA-256, RFC 5869). */
export interface Secrets {
  /** A message authentication code of 16 bytes, in base64url. */
  sign(purpose: Purpose, text: string): string;
  verify(purpose: Purpose, text: string, signature: string): boolean;
  /** 32 bytes: of a key pair, or the secret of the library that keeps sessions. */
  seed(purpose: 'certificate' | 'sessions'): Buffer;
  /** Enciphers what is to be kept for a short while only (AES-256-GCM). */
  encipher(text: string): string;
  /** Throws where the text was enciphered with another SECRET. */
  decipher(enciphered: string): string;
}

/** Characters of base64url that hold 16 bytes. */
const SIGNATURE_LENGTH = 22;
const NONCE_LENGTH = 12;
const TAG_LENGTH = 16;

export function deriveSecrets(secret: string): Secrets {
  const derive = (purpose: string) =>
    Buffer.from(hkdfSync('sha256', secret, 'colloquy', purpose, 32));
  const key = (purpose: Purpose) => derive(purpose).toString('hex');
  const cipherKey = derive('cipher');
  const keys: Record<Purpose, string> = {
    cursor: key('cursor'),
    media: key('media'),
    erased: key('erased'),
    subject: key('subject'),
    participant: key('participant'),
    backup: key('backup'),
    csrf: key('csrf'),
    'sign-in': key('sign-in'),
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
    seed: derive,
    encipher(text) {
      const nonce = randomBytes(NONCE_LENGTH);
      const cipher = createCipheriv('aes-256-gcm', cipherKey, nonce);
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64url');
    },
    decipher(enciphered) {
      const bytes = Buffer.from(enciphered, 'base64url');
      const nonce = bytes.subarray(0, NONCE_LENGTH);
      const decipher = createDecipheriv('aes-256-gcm', cipherKey, nonce);
      decipher.setAuthTag(bytes.subarray(NONCE_LENGTH, NONCE_LENGTH + TAG_LENGTH));
      const body = bytes.subarray(NONCE_LENGTH + TAG_LENGTH);
      return Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8');
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
