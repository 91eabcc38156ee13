import type { TSchema } from 'typebox';

/** `id`: maybe chosen by a client; `name`: of a number or route; `own-name`: never looked up. */
export type Kind = 'id' | 'name' | 'own-name' | 'participant' | 'text' | 'json';
export type Change = (kind: Kind, value: unknown) => unknown;
export type Walk = <T>(value: T, change: Change) => T;

interface Node {
  readonly kind: Kind | null;
  /** Arrays, because each request iterates them. */
  readonly properties: readonly (readonly [key: string, Node])[];
  readonly items: Node | null;
}

/** null if the schema marks nothing; its values are never traversed. */
export function compileWalk(schema: TSchema): Walk | null {
  const node = nodeOf(schema);
  return node && (<T>(value: T, change: Change) => walk(node, value, change) as T);
}

function nodeOf(schema: TSchema): Node | null {
  const parts = schema as Partial<Record<string, unknown>>;
  const kind = (parts['x-masked'] as Kind | undefined) ?? null;
  if (kind) return { kind, properties: [], items: null };
  const given = Object.entries((parts.properties ?? {}) as Record<string, TSchema>);
  const properties = given.flatMap(([key, property]) => {
    const node = nodeOf(property);
    return node ? [[key, node] as const] : [];
  });
  const items = parts.items === undefined ? null : nodeOf(parts.items as TSchema);
  const own = properties.length > 0 || items ? { kind: null, properties, items } : null;
  const branches = [...((parts.anyOf ?? parts.oneOf ?? []) as TSchema[])].map(nodeOf);
  return [own, ...branches].reduce(merge, null);
}

/** The branches of a union agree. */
function merge(one: Node | null, other: Node | null): Node | null {
  if (!one || !other) return one ?? other;
  const properties = new Map(one.properties);
  for (const [key, node] of other.properties) {
    properties.set(key, merge(properties.get(key) ?? null, node) ?? node);
  }
  return {
    kind: one.kind ?? other.kind,
    properties: [...properties],
    items: merge(one.items, other.items),
  };
}

/** Copies only what changes. */
function walk(node: Node, value: unknown, change: Change): unknown {
  if (value === null || value === undefined) return value;
  if (node.kind) return change(node.kind, value);
  if (Array.isArray(value)) return node.items ? walkItems(node.items, value, change) : value;
  if (typeof value !== 'object') return value;
  let changed: Record<string, unknown> | null = null;
  for (const [key, property] of node.properties) {
    if (!Object.hasOwn(value, key)) continue;
    const before = (value as Record<string, unknown>)[key];
    const after = walk(property, before, change);
    if (after === before) continue;
    // Spread preserves the order of keys and a key named __proto__.
    changed ??= { ...value };
    changed[key] = after;
  }
  return changed ?? value;
}

function walkItems(items: Node, values: readonly unknown[], change: Change): readonly unknown[] {
  let changed: unknown[] | null = null;
  for (let at = 0; at < values.length; at += 1) {
    const before = values[at];
    const after = walk(items, before, change);
    if (after === before) continue;
    changed ??= [...values];
    changed[at] = after;
  }
  return changed ?? values;
}
