/** Entity tags of a list: `"a", W/"b"` (RFC 9110, section 8.8.3). */
const TAGS = /(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"/g;

/** True if `If-None-Match` contains `tag`, by weak comparison; the answer is then 304. */
export function matchesNone(ifNoneMatch: string | null | undefined, tag: string): boolean {
  if (ifNoneMatch === null || ifNoneMatch === undefined) return false;
  if (ifNoneMatch.trim() === '*') return true;
  const opaque = (text: string) => text.replace(/^W\//, '');
  return (ifNoneMatch.match(TAGS) ?? []).some((held) => opaque(held) === opaque(tag));
}

/** Answers have no dates, so a date in `If-Range` never matches (RFC 9110, section 13.1.5). */
export function allowsRange(ifRange: string | undefined, strongTag: string): boolean {
  return ifRange === undefined || ifRange.trim() === strongTag;
}
