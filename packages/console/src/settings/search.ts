import { readInstant, readText } from '../ui/browser/address.ts';

export interface SettingsSearch {
  /** Audit log: names of actions separated by commas. */
  readonly action?: string | undefined;
  /** Audit log: the id of a user. */
  readonly who?: string | undefined;
  /** Audit log: the id or phone number of the subject. */
  readonly subject?: string | undefined;
  /** RFC 3339. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** The id of the open erasure. */
  readonly erasure?: string | undefined;
  /** Do-not-call list: a prefix of numbers. */
  readonly number?: string | undefined;
}

export function parseSettingsSearch(given: Record<string, unknown>): SettingsSearch {
  return {
    action: readText(given.action),
    who: readText(given.who),
    subject: readText(given.subject),
    from: readInstant(given.from),
    to: readInstant(given.to),
    erasure: readText(given.erasure),
    number: readText(given.number),
  };
}
