import { readNumberStart, toE164 } from '@colloquy/phone-numbers';
import type { Client, Header } from '../conversations/conversation.ts';
import { ERASED, spellingsOf } from '../redaction/number-spellings.ts';

/** Whom an erasure is about: one of the two. */
export interface Person {
  /** E.164. */
  readonly phoneNumber: string | null;
  readonly clientId: string | null;
}

/**
 * Whether a stored text is a number, in any spelling: with separators, brackets, `00`, invisible
 * characters or other digits, as `tel:` or `sip:`, with an extension, or without its plus.
 */
export function isNumber(text: string, e164: string): boolean {
  if (toE164(text) === e164) return true;
  // Without a plus it may be a name of a SIP host, so only the bare digits count.
  return !/[@:]/.test(text) && readNumberStart(text) === e164;
}

/** Whether the person is a client of a conversation. */
export const isOf = (person: Person, { clients }: Pick<Header, 'clients'>): boolean =>
  clients.some((client) => isClient(person, client));

function isClient(person: Person, { clientId, phoneNumber }: Client): boolean {
  const { phoneNumber: number } = person;
  if (number === null) return clientId === person.clientId;
  return isNumber(clientId, number) || (phoneNumber !== undefined && isNumber(phoneNumber, number));
}

/** What the stored head of a conversation with a client of this id holds, as `renderHead` writes it. */
export const textsOf = ({ clientId }: Person): string[] =>
  clientId === null ? [] : [`"ClientId":${JSON.stringify(clientId)}`];

/** A text with `ERASED` in place of a person's number, in every spelling, or client id. */
export function withoutPerson(text: string, { phoneNumber, clientId }: Person): string {
  if (phoneNumber !== null) return spellingsOf(phoneNumber).replace(text);
  return clientId === null ? text : text.replaceAll(clientId, ERASED);
}
