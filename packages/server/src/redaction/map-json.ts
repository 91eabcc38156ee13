/** Looks at a text, and returns what takes its place. */
export interface MapText {
  (text: string): string;
  /** The same for the texts of an array, which may belong together; absent if each is looked at alone. */
  readonly array?: (texts: readonly string[]) => readonly string[];
}

/** Every text in a value, the names of keys included, and numbers. */
export function mapJson(value: unknown, map: MapText): unknown {
  if (typeof value === 'string') return map(value);
  if (typeof value === 'number') return numberOr(value, map(String(value)));
  if (Array.isArray(value)) return mapArray(value, map);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [map(key), mapJson(item, map)]),
  );
}

const numberOr = (value: number, mapped: string) => (mapped === String(value) ? value : mapped);

function mapArray(items: readonly unknown[], map: MapText): unknown[] {
  const isFlat = items.length > 1 && items.every((item) => isText(item));
  if (!isFlat || !map.array) return items.map((item) => mapJson(item, map));
  const mapped = map.array(items.map(String));
  return items.map((item, at) => {
    const text = mapped[at] ?? '';
    return typeof item === 'number' ? numberOr(item, text) : text;
  });
}

const isText = (item: unknown) => typeof item === 'string' || typeof item === 'number';
