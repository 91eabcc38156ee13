import { isSupportedCountry, toE164 } from '@colloquy/phone-numbers';
import type { Client } from '../../conversations/model/conversation.ts';
import { ERASED, spellingsOf } from '../../redaction/number-spellings.ts';
import { numberTest } from './number-test.ts';

/** Exactly one of them is set. The number is E.164. */
export interface Person {
  readonly phoneNumber: string | null;
  readonly clientId: string | null;
}

type ClientTest = (client: Client) => boolean;

/** Returns a test whether a client is the person. `country`: region of national numbers. */
export function clientTest(person: Person, country: string | null): ClientTest {
  const { phoneNumber: e164 } = person;
  if (e164 === null) return ({ clientId }) => clientId === person.clientId;
  const isNumber = numberTest(e164, 'Anyhow');
  // Other ids may be as short as national numbers.
  const hasCountryCode = numberTest(e164, 'WithCountryCode');
  const national = country !== null && isSupportedCountry(country) ? country : null;
  const isId = (id: string) =>
    hasCountryCode(id) || (national !== null && toE164(id, national) === e164);
  return ({ clientId, phoneNumber }) =>
    isId(clientId) || (phoneNumber !== undefined && isNumber(phoneNumber));
}

export const textsOf = ({ clientId }: Person): string[] =>
  clientId === null ? [] : [`"ClientId":${JSON.stringify(clientId)}`];

export function withoutPerson(text: string, { phoneNumber, clientId }: Person): string {
  if (phoneNumber !== null) return spellingsOf(phoneNumber).replace(text);
  return clientId === null ? text : text.replaceAll(clientId, ERASED);
}
