/** Looks at a text, and returns what takes its place. */
export type MapText = (text: string) => string;

/** Smaller numbers have too few digits for those of a card or a phone, and times often are as large. */
const MIN_NUMBER = 10_000_000;

/** Every text in a value, the names of keys included, and numbers. */
export function mapJson(value: unknown, map: MapText): unknown {
  if (typeof value === 'string') return map(value);
  if (typeof value === 'number') {
    if (Math.abs(value) < MIN_NUMBER) return value;
    const text = String(value);
    const mapped = map(text);
    return mapped === text ? value : mapped;
  }
  if (Array.isArray(value)) return value.map((item) => mapJson(item, map));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [map(key), mapJson(item, map)]),
  );
}
