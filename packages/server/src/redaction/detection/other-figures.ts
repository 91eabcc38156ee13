const PATTERNS = [
  // 10:30, 10:30:15
  /(?<![\d:])\d{1,2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?!:?\d)/,
  // 2026-01-15, 15.01.2026, 1/15/26
  /(?<!\d|\d[-./])(?:\d{4}([-./])\d{1,2}\1\d{1,2}|\d{1,2}([-./])\d{1,2}\2\d{2}(?:\d{2})?)(?![-./]?\d)/,
  // 1.234.567,00
  /(?<!\d|\d[,.]|\+)\d{1,3}(?:\.\d{3})+,\d{1,2}(?![,.]?\d)/,
  // 1,234,567 and 1,234.56
  /(?<!\d|\d[,.]|\+)\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?(?![,.]?\d)/,
];
const ANY = new RegExp(PATTERNS.map(({ source }) => `(?:${source})`).join('|'), 'g');
// The second pattern has the only capturing groups.
const MAY_HAVE = /\d[-:./,]\d/;

export function findOtherFigures(text: string): { start: number; end: number }[] {
  if (!MAY_HAVE.test(text)) return [];
  return [...text.matchAll(ANY)].map(({ 0: figure, index }) => ({
    start: index,
    end: index + figure.length,
  }));
}

/** UUIDs, our ids and hex hashes, which contain runs of digits by chance. */
export const MADE_BY_MACHINE =
  /(?<![0-9a-z])(?:(?=[0-9-]*[a-f])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|0(?=[0-9]*[a-z])[0-9a-hjkmnp-tv-z]{25}|(?=[0-9]*[a-f])[0-9a-f]{32})(?![0-9a-z])/gi;
