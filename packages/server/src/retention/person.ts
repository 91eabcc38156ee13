import type { Header } from '../conversations/conversation.ts';

/** Whom an erasure is about: one of the two. */
export interface Person {
  /** E.164. */
  readonly phoneNumber: string | null;
  readonly clientId: string | null;
}

/** The ids that a client of this person may have: the one that is given, or the number. */
function idsOf({ clientId, phoneNumber }: Person): string[] {
  if (clientId !== null) return [clientId];
  return phoneNumber === null ? [] : [phoneNumber, phoneNumber.slice(1)];
}

/** Whether the person is a client of a conversation. */
export function isOf(person: Person, { clients }: Header): boolean {
  const ids = idsOf(person);
  return clients.some(
    ({ clientId, phoneNumber }) =>
      ids.includes(clientId) || (person.phoneNumber !== null && phoneNumber === person.phoneNumber),
  );
}

/** What the stored head of such a conversation holds, as `renderHead` writes it. */
export function textsOf(person: Person): string[] {
  const ids = idsOf(person).map((id) => `"ClientId":${JSON.stringify(id)}`);
  const { phoneNumber } = person;
  return phoneNumber === null ? ids : [...ids, `"PhoneNumber":${JSON.stringify(phoneNumber)}`];
}
