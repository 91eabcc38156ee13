/**
 * A cmdk filter: all typed words must occur, in any order. The default filter also matches
 * scattered letters.
 */
export function fuzzyMatch(value: string, search: string): number {
  const text = value.toLowerCase();
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return words.every((word) => text.includes(word)) ? 1 : 0;
}
