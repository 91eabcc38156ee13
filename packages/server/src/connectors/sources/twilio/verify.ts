import { hash } from 'node:crypto';
import { hmac, isSame } from '../signature.ts';
import type { Verify } from '../source.ts';

const BODY_HASH = /[?&]bodySHA256=([0-9a-f]{64})(?:&|$)/i;

/** https://www.twilio.com/docs/usage/webhooks/webhooks-security */
export const verifyTwilio: Verify = ({ headers, url, body }, { secrets }) => {
  const signature = headers['x-twilio-signature'];
  if (!signature) return 'The header X-Twilio-Signature is missing.';
  const bodyHash = BODY_HASH.exec(url)?.[1];
  if (bodyHash !== undefined && !isSame(hash('sha256', body), bodyHash.toLowerCase())) {
    return 'The body does not match bodySHA256 of the URL.';
  }
  const parameters = bodyHash === undefined ? joinParameters(body) : '';
  const matches = secrets.flatMap(({ AuthToken = '' }) =>
    urlsOf(url).map((signed) =>
      isSame(signature, hmac('sha1', AuthToken, signed, parameters).toString('base64')),
    ),
  );
  return matches.includes(true)
    ? null
    : 'The signature does not match the URL, the body and the auth token. Check that PUBLIC_URL is the address that Twilio calls.';
};

/** The names in their order, each before its values. A value that is repeated counts once. */
function joinParameters(body: Buffer): string {
  const parameters = new URLSearchParams(body.toString('utf8'));
  const names = [...new Set(parameters.keys())].sort();
  return names
    .flatMap((name) => [...new Set(parameters.getAll(name))].sort().map((value) => name + value))
    .join('');
}

/** Whether Twilio signs the port depends on the kind of the callback. */
function urlsOf(url: string): string[] {
  const [, scheme, host, port, rest = ''] =
    /^(https?):\/\/([^/?#]*?)(:\d+)?(?=[/?#]|$)(.*)$/s.exec(url) ?? [];
  if (!scheme) return [url];
  const withPort = port ?? (scheme === 'https' ? ':443' : ':80');
  return [`${scheme}://${host}${withPort}${rest}`, `${scheme}://${host}${rest}`];
}
