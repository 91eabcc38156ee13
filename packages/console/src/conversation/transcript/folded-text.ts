const ASCII = /^[\0-\x7f]*$/;

/** A text without what tells its characters apart by case, accents, vowel signs or forms alone. */
export function fold(text: string): string {
  if (ASCII.test(text)) return text.toLowerCase();
  const plain = text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase();
  return plain.replaceAll('ς', 'σ');
}

/** A folded text, and for each of its characters where in the text it was. */
interface Folded {
  readonly text: string;
  readonly from: readonly number[];
  /** Where it ended, with the signs that belong to it. */
  readonly to: readonly number[];
}

/** Folds character by character, without those that are `ignored`. */
export function foldWithPlaces(given: string, ignored?: RegExp): Folded {
  let text = '';
  const from: number[] = [];
  const to: number[] = [];
  let at = 0;
  for (const character of given) {
    const end = at + character.length;
    const folded = fold(character);
    // A sign belongs to all that the character before it was folded to.
    if (folded === '') for (let last = to.length - 1; to[last] === at; last -= 1) to[last] = end;
    const kept = ignored ? folded.replaceAll(ignored, '') : folded;
    for (let unit = 0; unit < kept.length; unit += 1) {
      from.push(at);
      to.push(end);
    }
    text += kept;
    at = end;
  }
  return { text, from, to };
}

/** Where in a text something folded is found, from and to; one after the other. */
export function placesOf(text: string, wanted: string): [number, number][] {
  if (wanted === '') return [];
  const folded = foldWithPlaces(text);
  const places: [number, number][] = [];
  let at = folded.text.indexOf(wanted);
  while (at >= 0) {
    const start = folded.from[at];
    const end = folded.to[at + wanted.length - 1];
    if (start !== undefined && end !== undefined) places.push([start, end]);
    at = folded.text.indexOf(wanted, at + wanted.length);
  }
  return places;
}
