import { createHmac, randomBytes } from 'node:crypto';
import type { Secrets } from '../../kernel/secrets.ts';

const PREFIX = 'whsec_';
const SECRET_BYTES = 32;

export interface WebhookSecret {
  readonly secret: string;
  /** null: it is the current one. */
  readonly expiresAt: number | null;
}

export const newSecret = () => PREFIX + randomBytes(SECRET_BYTES).toString('base64');

export const encipherSecrets = (secrets: Secrets, own: readonly WebhookSecret[]): string =>
  secrets.encipher(JSON.stringify(own));

/** The current one first. */
export const decipherSecrets = (secrets: Secrets, enciphered: string): WebhookSecret[] =>
  JSON.parse(secrets.decipher(enciphered)) as WebhookSecret[];

export const isLive = ({ expiresAt }: WebhookSecret, now: number) =>
  expiresAt === null || expiresAt > now;

interface Message {
  readonly id: string;
  readonly timestamp: number;
  readonly body: string;
}

/** The value of `webhook-signature`: one for each secret, and one with Ed25519. */
export function signMessage(
  { id, timestamp, body }: Message,
  secrets: readonly string[],
  signEd25519: (text: string) => Buffer,
): string {
  const content = `${id}.${timestamp}.${body}`;
  const symmetric = secrets.map((secret) => {
    const key = Buffer.from(secret.slice(PREFIX.length), 'base64');
    return `v1,${createHmac('sha256', key).update(content).digest('base64')}`;
  });
  return [...symmetric, `v1a,${signEd25519(content).toString('base64')}`].join(' ');
}
