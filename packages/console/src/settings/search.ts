import { type Given, type OptionalSearch, readInstant, readText } from '../ui/browser/address.ts';

const readSearch = (given: Given) => ({
  /** Audit log: names of actions separated by commas. */
  action: readText(given.action),
  /** Audit log: the id of a user. */
  who: readText(given.who),
  /** Audit log: the id or phone number of the subject. */
  subject: readText(given.subject),
  from: readInstant(given.from),
  to: readInstant(given.to),
  erasure: readText(given.erasure),
  /** Do-not-call list: a prefix of numbers. */
  number: readText(given.number),
  /** Deliveries of a webhook; only the status for those of a connection. */
  status: readText(given.status),
  type: readText(given.type),
  conversation: readText(given.conversation),
});

export type SettingsSearch = OptionalSearch<typeof readSearch>;
export const parseSettingsSearch: (given: Given) => SettingsSearch = readSearch;
