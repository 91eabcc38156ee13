/** Texts that may belong together, by their indexes among all texts of a value. */
export interface TextGroup {
  /** The common key if the texts are in several objects; null: items of one array. */
  readonly key: string | null;
  readonly places: readonly number[];
}

type Columns = Map<string, number[]>;

/** All texts of an array in order, including keys and numbers, and their groups. */
export function gatherTexts(items: readonly unknown[]) {
  const texts: string[] = [];
  const groups: TextGroup[] = [];
  const gather = (value: unknown, path: string, columns: Columns): void => {
    if (isText(value)) {
      const places = columns.get(path) ?? [];
      columns.set(path, places);
      places.push(texts.length);
      texts.push(String(value));
    } else if (Array.isArray(value)) {
      gatherArray(value, path, columns);
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, item] of Object.entries(value)) {
        texts.push(key);
        gather(item, `${path}.${key}`.slice(-MAX_PATH), columns);
      }
    }
  };
  const gatherArray = (array: readonly unknown[], path: string, columns: Columns): void => {
    const own: Columns | null = hasObjects(array) ? new Map() : null;
    const first = texts.length;
    for (const item of array) gather(item, own ? '' : path, own ?? columns);
    for (const [key, places] of own ?? []) if (places.length > 1) groups.push({ key, places });
    if (!textsOfFlat(array)) return;
    const places = Array.from({ length: texts.length - first }, (_, at) => first + at);
    groups.push({ key: null, places });
  };
  gatherArray(items, '', new Map());
  return { texts, groups };
}

const MAX_PATH = 100;

export const hasObjects = (items: readonly unknown[]) => items.filter(isObject).length > 1;

/** null if there are other items; digits may be in nested arrays, and missing ones null. */
export function textsOfFlat(items: readonly unknown[]): (string | number)[] | null {
  const parts = items.flatMap((item) => (Array.isArray(item) ? item : [item]));
  const texts = parts.filter(isText);
  const isFlat = texts.length > 1 && parts.every((item) => isText(item) || isNothing(item));
  return isFlat ? texts : null;
}

export const isText = (item: unknown): item is string | number =>
  typeof item === 'string' || typeof item === 'number';
const isNothing = (item: unknown) => item === null || typeof item === 'boolean';
const isObject = (item: unknown) => typeof item === 'object' && !!item && !Array.isArray(item);
