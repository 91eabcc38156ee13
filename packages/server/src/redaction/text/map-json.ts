import { gatherTexts, hasObjects, isText, type TextGroup, textsOfFlat } from './text-groups.ts';

export interface MapText {
  (text: string): string;
  /** For texts of an array, or of its objects, which may belong together; absent: mapped alone. */
  readonly array?: (texts: readonly string[]) => readonly string[];
  readonly objects?: (texts: readonly string[], groups: readonly TextGroup[]) => readonly string[];
}

/** Maps every text in a value, including keys and numbers. */
export function mapJson(value: unknown, map: MapText): unknown {
  if (typeof value === 'string') return map(value);
  if (typeof value === 'number') return numberOr(value, map(String(value)));
  if (Array.isArray(value)) return mapArray(value, map);
  if (value === null || typeof value !== 'object') return value;
  const taken = new Map<string, number>();
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [freeKey(map(key), taken), mapJson(item, map)]),
  );
}

function freeKey(mapped: string, taken: Map<string, number>): string {
  let key = mapped;
  let count = taken.get(mapped) ?? 0;
  while (taken.has(key)) {
    count += 1;
    key = `${mapped} ${count}`;
  }
  taken.set(mapped, Math.max(count, 1));
  if (key !== mapped) taken.set(key, 1);
  return key;
}

const numberOr = (value: number, mapped: string) => (mapped === String(value) ? value : mapped);

function mapArray(items: readonly unknown[], map: MapText): unknown[] {
  if (map.objects && hasObjects(items)) return mapObjects(items, map.objects);
  const texts = textsOfFlat(items);
  if (!texts || !map.array) return items.map((item) => mapJson(item, map));
  const mapped = map.array(texts.map(String))[Symbol.iterator]();
  const next = (item: unknown) => {
    if (!isText(item)) return item;
    const text: string = mapped.next().value ?? '';
    return typeof item === 'number' ? numberOr(item, text) : text;
  };
  return items.map((item) => (Array.isArray(item) ? item.map(next) : next(item)));
}

/** Objects may contain parts of one number: `[{"digit": 4}, {"digit": 1}]`. */
function mapObjects(items: readonly unknown[], map: NonNullable<MapText['objects']>): unknown[] {
  const { texts, groups } = gatherTexts(items);
  const mapped = map(texts, groups)[Symbol.iterator]();
  return items.map((item) => mapJson(item, () => mapped.next().value ?? ''));
}
