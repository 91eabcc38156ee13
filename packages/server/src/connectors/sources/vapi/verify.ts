import { numberOf } from '../fields.ts';
import { hmac, isSame } from '../signature.ts';
import type { ReceivedRequest, Verification, Verify } from '../source.ts';

const MAX_AGE_MILLISECONDS = 5 * 60_000;
const MIN_MILLISECONDS = 1e11;
/** By the length of a digest in bytes. */
const ALGORITHMS: Readonly<Record<number, string>> = { 20: 'sha1', 32: 'sha256', 64: 'sha512' };

/** https://docs.vapi.ai/server-url/server-authentication */
export const verifyVapi: Verify = (request, verification) => {
  const { options, secrets } = verification;
  if (options.Signing === 'bearer') {
    return matchesText(request.headers.authorization, 'Authorization', secrets, /^Bearer (.+)$/i);
  }
  if (options.Signing === 'header') {
    return matchesText(request.headers['x-vapi-secret'], 'X-Vapi-Secret', secrets, /^(.+)$/);
  }
  return verifyHmac(request, verification);
};

function matchesText(
  value: string | undefined,
  name: string,
  secrets: Verification['secrets'],
  pattern: RegExp,
): string | null {
  const given = pattern.exec(value ?? '')?.[1];
  if (given === undefined) return `The header ${name} is missing or malformed.`;
  const isKnown = secrets.map(({ Secret = '' }) => isSame(given, Secret)).includes(true);
  return isKnown ? null : `The header ${name} has another secret than the connection.`;
}

function verifyHmac({ headers, body }: ReceivedRequest, { secrets, now }: Verification) {
  const signature = digestFrom(headers['x-signature'] ?? '');
  const algorithm = ALGORITHMS[signature?.length ?? 0];
  if (!signature || !algorithm) return 'The header X-Signature is missing or malformed.';
  const timestamp = headers['x-timestamp'] ?? '';
  const sentAt = /^\d{1,16}$/.test(timestamp) ? numberOf(timestamp) : null;
  if (sentAt === null) return 'The header X-Timestamp is missing or malformed.';
  const sentAtMs = sentAt >= MIN_MILLISECONDS ? sentAt : sentAt * 1000;
  if (Math.abs(now - sentAtMs) > MAX_AGE_MILLISECONDS) {
    return 'The header X-Timestamp is more than five minutes away from the time of this server.';
  }
  const matches = secrets
    .flatMap(({ Secret = '' }) => keysOf(Secret))
    .map((key) => isSame(signature, hmac(algorithm, key, `${timestamp}.`, body)));
  return matches.includes(true) ? null : 'The signature does not match the body and the secret.';
}

/** In hex or base64, after a prefix such as `sha256=`. */
function digestFrom(text: string): Buffer | null {
  const value = /^(?:[\w-]+[=:,])?([A-Za-z0-9+/]+={0,2})$/.exec(text.trim())?.[1];
  if (value === undefined) return null;
  return Buffer.from(
    value,
    /^(?:[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{128})$/i.test(value) ? 'hex' : 'base64',
  );
}

/** Vapi has a setting for secrets in base64, which connections do not repeat. */
function keysOf(secret: string): (string | Buffer)[] {
  const encoded = /^(?:whsec_)?([A-Za-z0-9+/]{16,}={0,2})$/.exec(secret)?.[1];
  return encoded === undefined ? [secret] : [secret, Buffer.from(encoded, 'base64')];
}
