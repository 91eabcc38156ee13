import type { OutputOf } from '@colloquy/sdk';
import { LOCALE } from '../../ui/text/locale.ts';

export type Usage = OutputOf<'GetUsage'>;
export type MonthUsage = Usage['Months'][number];

const MONTH = new Intl.DateTimeFormat(LOCALE, { month: 'short', year: 'numeric', timeZone: 'UTC' });
const SHORT = new Intl.DateTimeFormat(LOCALE, { month: 'short', year: '2-digit', timeZone: 'UTC' });
const instantOf = (month: string) => Date.parse(`${month}-01T00:00:00Z`);

export const formatMonth = (month: string): string => MONTH.format(instantOf(month));
export const formatShortMonth = (month: string): string => SHORT.format(instantOf(month));

const MINUTES = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 1 });
export const formatMinutes = (minutes: number): string => MINUTES.format(minutes);

/** Without transcripts if the reader sees masked data, who does not get their bytes. */
export const storedBytes = (month: MonthUsage): number =>
  (month.TranscriptBytesStored ?? 0) + month.RecordingBytesStored;

/** Rows of a spreadsheet: a line for each business and month. */
export function usageRows(usages: readonly Usage[]): string[][] {
  const head = [
    'BusinessId',
    'Name',
    'Month',
    'Conversations',
    'Seconds',
    'Minutes',
    'TranscriptBytesAdded',
    'RecordingBytesAdded',
    'TranscriptBytesStored',
    'RecordingBytesStored',
  ];
  const lines = usages.flatMap(({ BusinessId, Name, Months }) =>
    Months.map((month) => [
      String(BusinessId),
      asText(Name),
      month.Month,
      ...[month.Conversations, month.Seconds, month.Minutes].map(String),
      ...[month.TranscriptBytesAdded, month.RecordingBytesAdded].map(orEmpty),
      ...[month.TranscriptBytesStored, month.RecordingBytesStored].map(orEmpty),
    ]),
  );
  return [head, ...lines];
}

const orEmpty = (value: number | null): string => (value === null ? '' : String(value));

/** Spreadsheets would run a name that begins like a formula. */
const asText = (name: string): string => (/^[=+\-@\t\r]/.test(name) ? `'${name}` : name);
