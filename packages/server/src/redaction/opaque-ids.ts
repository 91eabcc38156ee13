import { isPossibleNumber } from '@colloquy/phone-numbers';
import type { Secrets } from '../kernel/secrets.ts';
import { detect } from './detection/detect.ts';
import { MADE_BY_MACHINE } from './detection/other-figures.ts';

/** Clients choose ids of conversations, calls and campaigns, and names of their own numbers and routes. */
export type IdKind = 'id' | 'name';

const OPAQUE = 'masked_';
const TOKEN = /^person_[A-Za-z0-9_-]{22}$/;
const NUMBER = /(?<!\d)\d{10,15}(?!\d)/g;

const isPossible = (digits: string) => isPossibleNumber(`+${digits}`);

/**
 * True if an id contains what a masked reader must not see: something that a pattern finds, or a run of
 * digits that is as long as a phone number of its country. The categories of the business make no
 * difference, so that an opaque id stays the same when they change.
 */
export function isSecretId(id: string): boolean {
  if (!/\d|@/.test(id)) return false;
  const rest = id.replaceAll(MADE_BY_MACHINE, '');
  return detect(rest).length > 0 || (rest.match(NUMBER) ?? []).some(isPossible);
}

/** The same for an id of a participant, which may also be the token that a masked reader knows. */
export const isSecretParticipant = (id: string): boolean => !TOKEN.test(id) && isSecretId(id);

/** Whether it has the form of the token that stands for a participant. */
export const isToken = (id: string): boolean => TOKEN.test(id);

/** Masks possible phone numbers in a text that may quote ids. */
export const maskQuotedIds = (text: string): string =>
  text.replaceAll(NUMBER, (digits) => (isPossible(digits) ? '[PHONE]' : digits));

const contextOf = (businessId: number, kind: IdKind) => `${kind} ${businessId}`;

/** An id as a masked reader sees it: opaque if it contains something secret, else as it is. */
export function showId(secrets: Secrets, businessId: number, kind: IdKind, id: string): string {
  return isSecretId(id) ? OPAQUE + secrets.seal(contextOf(businessId, kind), id) : id;
}

/** The id that an opaque id stands for; null if it is not an opaque id of this business. */
export function openId(
  secrets: Secrets,
  businessId: number,
  kind: IdKind,
  id: string,
): string | null {
  if (!id.startsWith(OPAQUE)) return null;
  return secrets.open(contextOf(businessId, kind), id.slice(OPAQUE.length));
}
