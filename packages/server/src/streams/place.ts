/** Where an event is in the change log: the position of its row, and its number in it. */
export interface Place {
  readonly position: number;
  /** Negative: counted back from the row, for events whose own rows were removed. */
  readonly index: number;
}

/** After all events of a row. */
export const endOfRow = (position: number): Place => ({
  position,
  index: Number.POSITIVE_INFINITY,
});

export const isAfter = (a: Place, b: Place): boolean =>
  a.position > b.position || (a.position === b.position && a.index > b.index);

/** What a client has received. */
export interface Cursor {
  readonly place: Place;
  /** Events before the place that were held back and not sent yet. */
  readonly held: readonly Place[];
}

/** More would not fit into a header of a request. */
const MAX_HELD = 500;
const END = 'e';
const TOO_MANY = '*';

const placeText = ({ position, index }: Place) =>
  `${position}.${index === Number.POSITIVE_INFINITY ? END : index}`;

/** `released`: the event was held back and is sent now, after that at the cursor's place. */
export function formatId({ place, held }: Cursor, released: Place | null = null): string {
  const own = released === null ? '' : `!${placeText(released)}`;
  if (held.length === 0) return placeText(place) + own;
  if (held.length > MAX_HELD) return `${placeText(place)}${own}~${TOO_MANY}`;
  return `${placeText(place)}${own}~${held.map(placeText).join(',')}`;
}

const PLACE = /^(\d{1,15})\.(-?\d{1,9}|e)$/;

function parsePlace(text: string): Place | null {
  const [, position, index] = PLACE.exec(text) ?? [];
  if (position === undefined || index === undefined) return null;
  return {
    position: Number(position),
    index: index === END ? Number.POSITIVE_INFINITY : Number(index),
  };
}

/** null: not one of our ids, or not enough to continue. */
export function parseId(id: string): Cursor | null {
  const [sent = '', heldText] = id.split('~');
  const place = parsePlace(sent.split('!')[0] ?? '');
  if (!place || heldText === TOO_MANY) return null;
  const held = heldText === undefined ? [] : heldText.split(',').map(parsePlace);
  return held.every((one) => one !== null) ? { place, held } : null;
}
