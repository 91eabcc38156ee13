import { hmac, isSame } from '../signature.ts';
import type { Verify } from '../source.ts';

const MAX_AGE_MILLISECONDS = 30 * 60_000;
const MAX_AHEAD_MILLISECONDS = 5 * 60_000;

/** https://elevenlabs.io/docs/eleven-agents/workflows/post-call-webhooks */
export const verifyElevenLabs: Verify = ({ headers, body }, { secrets, now }) => {
  const parts = (headers['elevenlabs-signature'] ?? '').split(',').map((part) => part.trim());
  const timestamp = parts.find((part) => /^t=\d{1,12}$/.test(part))?.slice(2);
  const signatures = parts.filter((part) => /^v0=[0-9a-f]{64}$/i.test(part));
  if (timestamp === undefined || signatures.length === 0) {
    return 'The header ElevenLabs-Signature is missing or malformed.';
  }
  const age = now - Number(timestamp) * 1000;
  if (age > MAX_AGE_MILLISECONDS) return 'The signature is more than 30 minutes old.';
  if (age < -MAX_AHEAD_MILLISECONDS) {
    return 'The time of the signature is more than five minutes ahead of this server.';
  }
  const matches = secrets.flatMap(({ WebhookSecret = '' }) => {
    const expected = hmac('sha256', WebhookSecret, `${timestamp}.`, body);
    return signatures.map((given) => isSame(Buffer.from(given.slice(3), 'hex'), expected));
  });
  return matches.includes(true) ? null : 'The signature does not match the body and the secret.';
};
