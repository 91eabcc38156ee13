import type { Header } from '../conversations/conversation.ts';
import { ERASED, spellingsOf } from '../redaction/number-spellings.ts';
import { numberTest } from './number-test.ts';

/** Whom an erasure is about: one of the two. */
export interface Person {
  /** E.164. */
  readonly phoneNumber: string | null;
  readonly clientId: string | null;
}

/** Tells whether the person is a client of a conversation. */
export function clientTest(person: Person): (header: Pick<Header, 'clients'>) => boolean {
  const { phoneNumber: e164 } = person;
  if (e164 === null) {
    return ({ clients }) => clients.some(({ clientId }) => clientId === person.clientId);
  }
  const isNumber = numberTest(e164, 'Anyhow');
  // Ids of other kinds may be as short as national numbers.
  const isId = numberTest(e164, 'WithCountryCode');
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
