import { Fault } from '../../kernel/fault.ts';

export const ADMIN_EMAIL = 'admin@localhost';

/** Locales disagree about `lower` (some map İ to i), so this folds forms, case and marks. */
export function isReservedEmail(email: string): boolean {
  const plain = email.normalize('NFKC').toLowerCase().normalize('NFKD');
  return plain.replaceAll(/[\p{M}\p{Cf}\s]/gu, '').replaceAll('ı', 'i') === ADMIN_EMAIL;
}

/** Its user becomes admin if there is no other. Fault: INVALID_REQUEST. */
export function requireOrdinaryEmail(email: string): void {
  if (!isReservedEmail(email)) return;
  throw new Fault('INVALID_REQUEST', `${ADMIN_EMAIL} is reserved; give another address.`);
}
