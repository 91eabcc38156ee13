import { isSupportedCountry, toE164 } from '@colloquy/phone-numbers';
import type { Header } from '../../conversations/model/conversation.ts';
import { ERASED, spellingsOf } from '../../redaction/number-spellings.ts';
import { numberTest } from './number-test.ts';

/** Whom an erasure is about: one of the two. */
export interface Person {
  /** E.164. */
  readonly phoneNumber: string | null;
  readonly clientId: string | null;
}

/**
 * Tells whether the person is a client of a conversation. `country`: where national numbers are from, as
 * masking reads them; null: of no country.
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
  // Ids of other kinds may be as short as national numbers.
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

/** What the stored head of a conversation with a client of this id holds, as `renderHead` writes it. */
export const textsOf = ({ clientId }: Person): string[] =>
  clientId === null ? [] : [`"ClientId":${JSON.stringify(clientId)}`];

/** A text with `ERASED` in place of a person's number, in every spelling, or client id. */
export function withoutPerson(text: string, { phoneNumber, clientId }: Person): string {
  if (phoneNumber !== null) return spellingsOf(phoneNumber).replace(text);
  return clientId === null ? text : text.replaceAll(clientId, ERASED);
}
