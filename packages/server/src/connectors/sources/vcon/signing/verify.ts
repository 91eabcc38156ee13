import type { X509Certificate } from 'node:crypto';
import { decodeProtectedHeader, flattenedVerify } from 'jose';
import { type Fields, fieldsOf, listOf, textOf } from '../../fields.ts';
import type { Verify } from '../../source.ts';
import { openVcon } from '../open.ts';
import { chainOf, leadsTo, rootsIn } from './certificates.ts';

const MAX_SIGNATURES = 10;
const ALGORITHMS = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
];

/**
 * Our API key authenticates the sender. Every signature has to match its own certificate; with
 * `TrustedRoots`, one of the certificates has to lead to them. A vCon needs no signature.
 */
export const verifyVcon: Verify = async ({ body }, { options, now }) => {
  const { vcon, jws, refusal } = openVcon(body);
  if (refusal !== null || jws === null) return refusal;
  const signatures = listOf(jws.signatures);
  if (signatures.length === 0 || signatures.length > MAX_SIGNATURES) {
    return `A signed vCon has to have 1 to ${MAX_SIGNATURES} signatures.`;
  }
  for (const signature of signatures) {
    const uuid = textOf(fieldsOf(signature.header).uuid);
    if (uuid !== null && uuid !== textOf(vcon.uuid)) {
      return 'The header of the signature has another uuid than the vCon.';
    }
    const problem = await verifySignature(jws.payload, signature);
    if (problem !== null) return problem;
  }
  return checkTrust(signatures, textOf(options.TrustedRoots), now);
};

function checkTrust(signatures: readonly Fields[], pem: string | null, now: number): string | null {
  if (pem === null) return null;
  const roots = rootsIn(pem);
  if (!roots) return 'Options.TrustedRoots of the connection has to be certificates in PEM.';
  const isTrusted = signatures.some((signature) => leadsTo(signerOf(signature), roots, now));
  return isTrusted
    ? null
    : 'The certificate (x5c) of the signature does not lead to Options.TrustedRoots, or has expired.';
}

/** The certificates of a signature; empty if they cannot be read. */
export const signerOf = (signature: Fields): readonly X509Certificate[] =>
  chainOf(headersOf(signature)?.joined.x5c) ?? [];

/** What is protected counts: libraries repeat it in the unprotected header, which RFC 7515 forbids. */
function headersOf(signature: Fields) {
  const given = textOf(signature.protected);
  try {
    const safe = given === null ? {} : fieldsOf(decodeProtectedHeader({ protected: given }));
    const others = Object.entries(fieldsOf(signature.header)).filter(([name]) => !(name in safe));
    const unprotected = Object.fromEntries(others);
    return { safe, unprotected, joined: { ...unprotected, ...safe } };
  } catch {
    return null;
  }
}

async function verifySignature(payload: unknown, signature: Fields): Promise<string | null> {
  const headers = headersOf(signature);
  if (!headers) return 'The protected header of the signature cannot be read.';
  if ('crit' in headers.joined) {
    return 'The header of the signature has crit, which is not supported.';
  }
  if (!('x5c' in headers.joined)) {
    return 'x5u' in headers.joined
      ? 'The header of the signature has x5u, which is not fetched; send the certificates in x5c.'
      : 'The header of the signature has no certificates (x5c).';
  }
  const chain = chainOf(headers.joined.x5c);
  if (!chain) return 'The certificates (x5c) of the signature cannot be read.';
  try {
    await flattenedVerify(
      {
        payload: textOf(payload) ?? '',
        signature: textOf(signature.signature) ?? '',
        ...(typeof signature.protected === 'string' && { protected: signature.protected }),
        ...(Object.keys(headers.unprotected).length > 0 && { header: headers.unprotected }),
      },
      chain[0].publicKey,
      { algorithms: ALGORITHMS },
    );
    return null;
  } catch {
    return 'The signature does not match its certificate, or its algorithm or key is not supported.';
  }
}
