import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { CompactSign, calculateJwkThumbprint, exportJWK, type JWK } from 'jose';
import type { Secrets } from './secrets.ts';

/** DER of an Ed25519 key in PKCS #8 (RFC 8410) without its last 32 bytes, the seed. */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');

function privateKey(secrets: Secrets): KeyObject {
  const der = Buffer.concat([PKCS8, secrets.seed('certificate')]);
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
}

async function publicJwk(secrets: Secrets): Promise<JWK> {
  const jwk = await exportJWK(createPublicKey(privateKey(secrets)));
  return { ...jwk, kid: await calculateJwkThumbprint(jwk), alg: 'EdDSA', use: 'sig' };
}

/** The JWK set (RFC 7517) that verifies certificates and audit heads; the same on all nodes. */
export async function publicKeys(secrets: Secrets): Promise<{ keys: JWK[] }> {
  return { keys: [await publicJwk(secrets)] };
}

/** A compact JWS (RFC 7515) with EdDSA (RFC 8037). */
export async function certify(secrets: Secrets, type: string, payload: object): Promise<string> {
  const { kid = '' } = await publicJwk(secrets);
  return new CompactSign(Buffer.from(JSON.stringify(payload)))
    .setProtectedHeader({ alg: 'EdDSA', typ: type, kid })
    .sign(privateKey(secrets));
}

/** Signs with Ed25519 (RFC 8032). */
export function ed25519Signer(secrets: Secrets): (text: string) => Buffer {
  const key = privateKey(secrets);
  return (text) => sign(null, Buffer.from(text), key);
}

/** The hash of an id in a certificate. Anyone with the id and the salt can compute it. */
export const itemHash = (salt: string, id: string) =>
  createHash('sha256').update(`${salt} ${id}`).digest('hex');
