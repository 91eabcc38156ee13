import { instantIn, textIn } from '../ui/browser/address.ts';

/** What an address says of the settings; all of it is text that a person can read. */
export interface SettingsSearch {
  /** Of the audit log: names of actions separated by commas. */
  readonly action?: string | undefined;
  /** Of the audit log: the id of a user. */
  readonly who?: string | undefined;
  /** Of the audit log: the id, or phone number, of what something was done to. */
  readonly subject?: string | undefined;
  /** RFC 3339. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** The erasure that is looked at. */
  readonly erasure?: string | undefined;
  /** Of the do-not-call list: what its numbers begin with. */
  readonly number?: string | undefined;
}

export function settingsSearch(given: Record<string, unknown>): SettingsSearch {
  return {
    action: textIn(given.action),
    who: textIn(given.who),
    subject: textIn(given.subject),
    from: instantIn(given.from),
    to: instantIn(given.to),
    erasure: textIn(given.erasure),
    number: textIn(given.number),
  };
}
