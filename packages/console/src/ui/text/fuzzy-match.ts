/** For cmdk: what has all the words that were typed, in any order; its own way also finds what has their letters somewhere. */
export function byWords(value: string, search: string): number {
  const text = value.toLowerCase();
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return words.every((word) => text.includes(word)) ? 1 : 0;
}
