import { Fault } from '../../kernel/fault.ts';

/** Address of the first admin until they choose their own. */
export const ADMIN_EMAIL = 'admin@localhost';

/**
 * True if the database could take the address for a reserved one. Locales disagree about `lower` (İ becomes
 * i in some of them), so this folds more than any of them does: compatibility forms, case and marks.
 */
export function isReservedEmail(email: string): boolean {
  const plain = email.normalize('NFKC').toLowerCase().normalize('NFKD');
  return plain.replaceAll(/[\p{M}\p{Cf}\s]/gu, '').replaceAll('ı', 'i') === ADMIN_EMAIL;
}

/** INVALID_REQUEST for a reserved address: the server makes its user an admin if there is none. */
export function requireOrdinaryEmail(email: string): void {
  if (!isReservedEmail(email)) return;
  throw new Fault('INVALID_REQUEST', `${ADMIN_EMAIL} is reserved; give another address.`);
}
