import { type Fields, listOf, textOf, type Warnings } from '../../fields.ts';
import type { StoredDelivery } from '../../source.ts';
import type { OpenedVcon } from '../open.ts';
import { leadsTo, rootsIn } from './certificates.ts';
import { signerOf } from './verify.ts';

/**
 * Of a vCon whose signatures were checked when it was received: who signed, and whether the trusted
 * roots that the connection has now lead to one of the signers. Null if it is not signed.
 */
export function signatureOf(
  { jws }: OpenedVcon,
  options: StoredDelivery['options'],
  warnings: Warnings,
): Fields | null {
  if (jws === null) return null;
  const chains = listOf(jws.signatures).map(signerOf);
  const roots = rootsIn(textOf(options?.TrustedRoots) ?? '') ?? [];
  // Certificates may have expired since then.
  const trusted = chains.find((chain) => leadsTo(chain, roots, null));
  if (!trusted) {
    warnings.add(
      'The signature is valid, but its certificate is not trusted: no root leads to it.',
    );
  }
  const signer = (trusted ?? chains[0])?.[0];
  return {
    IsTrusted: trusted !== undefined,
    Certificate: signer?.subject.replaceAll('\n', ', ') ?? null,
    Fingerprint: signer?.fingerprint256 ?? null,
  };
}
