import { hash } from 'node:crypto';
import { errors, jwtVerify } from 'jose';
import { isSame } from '../signature.ts';
import type { Headers, SecretSet, Verify } from '../source.ts';

/** What LiveKit's own library tolerates. */
const TOLERANCE_SECONDS = 60;

const JWT = /^(?:Bearer +)?([\w-]+\.[\w-]+\.[\w-]+)$/i;

/** Reports of sessions come from processes of the user, with an API key. */
export const isSignedByLivekit = ({ authorization = '', 'content-type': type = '' }: Headers) =>
  JWT.test(authorization) || type.startsWith('application/webhook+json');

/** https://docs.livekit.io/home/server/webhooks/ */
export const verifyLivekit: Verify = async ({ headers, body }, { secrets, now }) => {
  const token = JWT.exec(headers.authorization ?? '')?.[1];
  if (token === undefined) return 'The header Authorization is missing or is not a JWT.';
  const results = await Promise.all(secrets.map((secret) => hashIn(token, secret, now)));
  const hashes = results.flatMap((result) => ('hash' in result ? [result.hash] : []));
  if (hashes.length === 0) {
    return results.some((result) => 'isExpired' in result)
      ? 'The JWT has expired; compare the clocks of this server and of LiveKit.'
      : 'The JWT is not signed with the API key and the secret of the connection.';
  }
  const bodyHash = hash('sha256', body, 'base64');
  const matches = hashes.map((given) => isSame(given, bodyHash));
  return matches.includes(true) ? null : 'The body does not match the claim sha256 of the JWT.';
};

type Result = { readonly hash: string } | { readonly isExpired: true } | { readonly isWrong: true };

async function hashIn(token: string, secret: SecretSet, now: number): Promise<Result> {
  const { ApiKey = '', ApiSecret = '' } = secret;
  try {
    const { payload } = await jwtVerify(token, new TextEncoder().encode(ApiSecret), {
      algorithms: ['HS256'],
      issuer: ApiKey,
      requiredClaims: ['exp', 'sha256'],
      currentDate: new Date(now),
      clockTolerance: TOLERANCE_SECONDS,
    });
    return typeof payload.sha256 === 'string' ? { hash: payload.sha256 } : { isWrong: true };
  } catch (error) {
    return error instanceof errors.JWTExpired ? { isExpired: true } : { isWrong: true };
  }
}
