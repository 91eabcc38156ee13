/** Immutable, unlike `date_trunc` of a timestamptz, which depends on the session's time zone. */
export const truncateUtc = (unit: 'hour' | 'day' | 'month', timestamp: string): string =>
  `date_trunc('${unit}', ${timestamp} AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'`;

export type Element = string | number | boolean | null;

/** A PostgreSQL array; the driver takes twice as long, because it escapes every element. */
export const arrayText = (elements: readonly Element[]): string =>
  `{${elements.map(elementText).join(',')}}`;

/** An array for each of the `length` columns of the rows. */
export const columnTexts = (rows: readonly Element[][], length: number): string[] =>
  Array.from({ length }, (_, column) => arrayText(rows.map((row) => row[column] ?? null)));

function elementText(element: Element): string {
  if (element === null) return 'NULL';
  if (typeof element !== 'string') return String(element);
  if (!element.includes('"') && !element.includes('\\')) return `"${element}"`;
  return `"${element.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
