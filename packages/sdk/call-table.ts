import * as wire from '@colloquy/wire';

/** The parts of an operation that the client needs, without schemas, which would import their library. */
export function callTable(): string {
  const calls = Object.entries<wire.Op>(wire.ops).map(([key, op]) => {
    const { name, method, path, idempotent, takesIdempotencyKey, eventStream } = op;
    const properties = Object.fromEntries(Object.keys(op.query.properties).map((it) => [it, {}]));
    const body = op.body === null || op.body === 'audio' ? op.body : {};
    // A flag is enough: with rows, all other input goes into the query.
    const csv = op.csv && {};
    const read = { name, method, path, query: { properties }, body, idempotent };
    return [key, { ...read, csv, takesIdempotencyKey, eventStream }];
  });
  return exported('ops', Object.fromEntries(calls));
}

/** The plain values of the wire, such as the names of a closed set, without schemas and functions. */
export function wireValues(): string {
  return Object.entries(wire)
    .filter(([name, value]) => name !== 'ops' && typeof value !== 'function' && !isSchema(value))
    .map(([name, value]) => exported(name, value))
    .join('\n');
}

const isSchema = (value: unknown) =>
  typeof value === 'object' && value !== null && ('~kind' in value || 'type' in value);

const exported = (name: string, value: unknown) =>
  `export const ${name} = ${JSON.stringify(value)};`;

/** A plugin for Vite and Rolldown that replaces the wire package by `text`. */
export const inPlaceOfWire = (text: () => string) => ({
  name: 'in-place-of-wire',
  enforce: 'pre' as const,
  resolveId: (id: string) => (id === '@colloquy/wire' ? '\0wire' : null),
  load: (id: string) => (id === '\0wire' ? text() : null),
});
