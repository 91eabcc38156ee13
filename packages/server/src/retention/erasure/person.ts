import { isSupportedCountry, toE164 } from '@colloquy/phone-numbers';
import type { Header } from '../../conversations/model/conversation.ts';
import { ERASED, spellingsOf } from '../../redaction/number-spellings.ts';
import { numberTest } from './number-test.ts';

/** Exactly one of them is set. */
export interface Person {
  /** E.164. */
  readonly phoneNumber: string | null;
  readonly clientId: string | null;
}

/**
 * Returns a test whether a conversation has the person as a client. `country`: region of national numbers;
 * null: none.
 */
export function clientTest(
  person: Person,
  country: string | null,
): (header: Pick<Header, 'clients'>) => boolean {
  const { phoneNumber: e164 } = person;
  if (e164 === null) {
    return ({ clients }) => clients.some(({ clientId }) => clientId === person.clientId);
  }
  const isNumber = numberTest(e164, 'Anyhow');
  // Other ids may be as short as national numbers.
  const hasCountryCode = numberTest(e164, 'WithCountryCode');
  const national = country !== null && isSupportedCountry(country) ? country : null;
  const isId = (id: string) =>
    hasCountryCode(id) || (national !== null && toE164(id, national) === e164);
  return ({ clients }) =>
    clients.some(
      ({ clientId, phoneNumber }) =>
        isId(clientId) || (phoneNumber !== undefined && isNumber(phoneNumber)),
    );
}

export const textsOf = ({ clientId }: Person): string[] =>
  clientId === null ? [] : [`"ClientId":${JSON.stringify(clientId)}`];

export function withoutPerson(text: string, { phoneNumber, clientId }: Person): string {
  if (phoneNumber !== null) return spellingsOf(phoneNumber).replace(text);
  return clientId === null ? text : text.replaceAll(clientId, ERASED);
}
