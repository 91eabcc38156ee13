/** All typed words must occur; the default filter of cmdk also matches scattered letters. */
export function fuzzyMatch(value: string, search: string): number {
  const text = value.toLowerCase();
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return words.every((word) => text.includes(word)) ? 1 : 0;
}
