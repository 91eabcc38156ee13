const ASCII = /^[\0-\x7f]*$/;

export function fold(text: string): string {
  if (ASCII.test(text)) return text.toLowerCase();
  const plain = text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase();
  return plain.replaceAll('ς', 'σ');
}

interface Folded {
  readonly text: string;
  readonly from: readonly number[];
  readonly to: readonly number[];
}

export function foldWithPositions(given: string, ignored?: RegExp): Folded {
  let text = '';
  const from: number[] = [];
  const to: number[] = [];
  let at = 0;
  for (const character of given) {
    const end = at + character.length;
    const folded = fold(character);
    // A mark belongs to all characters that the one before it was folded to.
    if (folded === '') for (let last = to.length - 1; to[last] === at; last -= 1) to[last] = end;
    const filtered = ignored ? folded.replaceAll(ignored, '') : folded;
    for (let unit = 0; unit < filtered.length; unit += 1) {
      from.push(at);
      to.push(end);
    }
    text += filtered;
    at = end;
  }
  return { text, from, to };
}

export function findRanges(text: string, wanted: string): [number, number][] {
  if (wanted === '') return [];
  const folded = foldWithPositions(text);
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
