import { X509Certificate } from 'node:crypto';

const MAX_CERTIFICATES = 10;
const PEM = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

/** The chain of a header `x5c` (RFC 7515, 4.1.6), the signer's first; null if it cannot be read. */
export function chainOf(x5c: unknown): readonly [X509Certificate, ...X509Certificate[]] | null {
  if (!Array.isArray(x5c) || x5c.length > MAX_CERTIFICATES) return null;
  const [first, ...others] = x5c.map((text) => parse(Buffer.from(String(text), 'base64')));
  if (!first) return null;
  const issuers = others.filter((certificate) => certificate !== null);
  return issuers.length === others.length ? [first, ...issuers] : null;
}

/** Null if the text has something else than certificates. */
export function rootsIn(pem: string): readonly X509Certificate[] | null {
  const roots = (pem.match(PEM) ?? []).map((text) => parse(text));
  const known = roots.filter((root) => root !== null);
  return known.length > 0 && known.length === roots.length ? known : null;
}

function parse(data: string | Buffer): X509Certificate | null {
  try {
    return new X509Certificate(data);
  } catch {
    return null;
  }
}

/**
 * True if each certificate is issued by the next one, until a trusted one. With `at`, all of them are
 * valid at that time. Revocation and constraints on names and on the length of paths are not checked.
 */
export function leadsTo(
  chain: readonly X509Certificate[],
  roots: readonly X509Certificate[],
  at: number | null,
): boolean {
  for (const [index, certificate] of chain.entries()) {
    if (!isValid(certificate, at) || (index > 0 && !isIssuer(chain[index - 1], certificate))) {
      return false;
    }
    const isTrusted = roots.some(
      (root) =>
        isValid(root, at) &&
        (root.fingerprint256 === certificate.fingerprint256 || isIssuer(certificate, root)),
    );
    if (isTrusted) return true;
  }
  return false;
}

const isValid = ({ validFromDate, validToDate }: X509Certificate, at: number | null) =>
  at === null || (validFromDate.getTime() <= at && at <= validToDate.getTime());

function isIssuer(certificate: X509Certificate | undefined, issuer: X509Certificate): boolean {
  if (!certificate || !issuer.ca || !certificate.checkIssued(issuer)) return false;
  try {
    return certificate.verify(issuer.publicKey);
  } catch {
    // A key of another kind than the signature.
    return false;
  }
}
