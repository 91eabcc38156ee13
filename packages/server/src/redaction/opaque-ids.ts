import { isPossibleNumber } from '@colloquy/phone-numbers';
import type { Secrets } from '../kernel/secrets.ts';
import { detect } from './detection/detect.ts';
import { MADE_BY_MACHINE } from './detection/other-figures.ts';

/** `id`: conversations, calls and campaigns. `name`: the client's numbers and routes. */
export type IdKind = 'id' | 'name';

const OPAQUE = 'masked_';
const TOKEN = /^person_[A-Za-z0-9_-]{22}$/;
const NUMBER = /(?<!\d)\d{10,15}(?!\d)/g;

const isPossible = (digits: string) => isPossibleNumber(`+${digits}`);

/** Ignores the categories of the business, so opaque ids stay the same when they change. */
export function isSecretId(id: string): boolean {
  if (!/\d|@/.test(id)) return false;
  const rest = id.replaceAll(MADE_BY_MACHINE, '');
  return detect(rest).length > 0 || (rest.match(NUMBER) ?? []).some(isPossible);
}

export const isSecretParticipant = (id: string): boolean => !TOKEN.test(id) && isSecretId(id);

export const isToken = (id: string): boolean => TOKEN.test(id);

export const maskQuotedIds = (text: string): string =>
  text.replaceAll(NUMBER, (digits) => (isPossible(digits) ? '[PHONE]' : digits));

const contextOf = (businessId: number, kind: IdKind) => `${kind} ${businessId}`;

export function showId(secrets: Secrets, businessId: number, kind: IdKind, id: string): string {
  return isSecretId(id) ? OPAQUE + secrets.seal(contextOf(businessId, kind), id) : id;
}

/** null if the id is not an opaque one of this business. */
export function openId(secrets: Secrets, businessId: number, kind: IdKind, id: string) {
  if (!id.startsWith(OPAQUE)) return null;
  return secrets.open(contextOf(businessId, kind), id.slice(OPAQUE.length));
}
