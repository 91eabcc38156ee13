import { firstRecord } from '#records';

export const DELIMITERS = [',', ';', '\t', '|'] as const;

export interface Dialect {
  readonly delimiter: string;
  /** The length of a `sep=` line at the beginning, which is not a row. */
  readonly passed: number;
}

/** What Excel writes and reads above the columns: `sep=;`. */
const SEP_LINE = /^"?sep=([^\w"+\r\n])"?[,;\t| ]*(?:\r\n?|\n|$)/i;
const BLANK_LINE = /^[,;\t| "]*(?:\r\n?|\n)/;

/**
 * The header decides, known names first, because values often contain separators. Counting values,
 * as papaparse does, finds commas in `phone;Name, Vorname` with `+49…;Müller, Hans`.
 */
export function dialectOf(head: string, isKnown: (name: string) => boolean): Dialect {
  const [sepLine, named] = SEP_LINE.exec(head) ?? [];
  if (sepLine !== undefined && named !== undefined) {
    return { delimiter: named, passed: sepLine.length };
  }
  const first = withoutBlankLines(head);
  let best: { delimiter: string; isKnown: boolean; values: number } | null = null;
  for (const delimiter of DELIMITERS) {
    const names = firstRecord(first, delimiter);
    const found = { delimiter, isKnown: names.some(isKnown), values: names.length };
    const isBetter =
      best === null ||
      (found.isKnown === best.isKnown ? found.values > best.values : found.isKnown);
    if (isBetter) best = found;
  }
  return { delimiter: best?.delimiter ?? ',', passed: 0 };
}

function withoutBlankLines(text: string): string {
  let rest = text;
  for (;;) {
    const [blank] = BLANK_LINE.exec(rest) ?? [];
    if (blank === undefined) return rest;
    rest = rest.slice(blank.length);
  }
}
