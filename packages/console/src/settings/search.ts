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
}

export function settingsSearch(given: Record<string, unknown>): SettingsSearch {
  return {
    action: textOf(given.action),
    who: textOf(given.who),
    subject: textOf(given.subject),
    from: instantOf(given.from),
    to: instantOf(given.to),
    erasure: textOf(given.erasure),
  };
}

const textOf = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);
const instantOf = (value: unknown) =>
  typeof value === 'string' && !Number.isNaN(Date.parse(value)) ? value : undefined;
