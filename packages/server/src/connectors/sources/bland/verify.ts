import { hmac, isSame } from '../signature.ts';
import type { Verify } from '../source.ts';

/**
 * https://docs.bland.ai/tutorials/webhook-signing, whose sample signs `JSON.stringify` of the parsed
 * body. Whether that is always what was sent is not documented, so both are accepted. No time is signed.
 */
export const verifyBland: Verify = ({ headers, body }, { secrets }) => {
  const signature = (headers['x-webhook-signature'] ?? '').trim();
  if (!/^[0-9a-f]{64}$/i.test(signature)) {
    return 'The header X-Webhook-Signature is missing or malformed.';
  }
  const given = Buffer.from(signature, 'hex');
  const matches = (signed: string | Buffer) =>
    secrets
      .map(({ WebhookSecret = '' }) => isSame(given, hmac('sha256', WebhookSecret, signed)))
      .includes(true);
  if (matches(body)) return null;
  const compact = compactOf(body);
  if (compact !== null && matches(compact)) return null;
  return 'The signature does not match the body and the secret.';
};

function compactOf(body: Buffer): string | null {
  try {
    return JSON.stringify(JSON.parse(body.toString('utf8')));
  } catch {
    return null;
  }
}
