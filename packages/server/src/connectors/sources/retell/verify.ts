import { hmac, isSame } from '../signature.ts';
import type { Verify } from '../source.ts';

const MAX_AGE_MILLISECONDS = 5 * 60_000;

/** https://docs.retellai.com/features/secure-webhook, and `webhook_auth.ts` of Retell's SDK. */
export const verifyRetell: Verify = ({ headers, body }, { secrets, now }) => {
  const match = /^v=(\d{1,16}),d=([0-9a-f]{64})$/i.exec(headers['x-retell-signature'] ?? '');
  const [, timestamp = '', digest = ''] = match ?? [];
  if (!match) return 'The header X-Retell-Signature is missing or malformed.';
  if (Math.abs(now - Number(timestamp)) > MAX_AGE_MILLISECONDS) {
    return 'The signature is more than five minutes away from the time of this server.';
  }
  const given = Buffer.from(digest, 'hex');
  const matches = secrets.map(({ ApiKey = '' }) =>
    isSame(given, hmac('sha256', ApiKey, body, timestamp)),
  );
  return matches.includes(true) ? null : 'The signature does not match the body and the API key.';
};
