type Columns = Readonly<Record<string, string>>;

/** SQL types in order of the parameters. Columns are of rows, sent as one array per column. */
export type ParameterTypes = Readonly<Record<string, string | Columns>>;

export type ParameterValues<Types extends ParameterTypes> = {
  readonly [Name in keyof Types]: Types[Name] extends string
    ? unknown
    : readonly { readonly [Column in keyof Types[Name]]: unknown }[];
};

export interface NamedParameters<Types extends ParameterTypes> {
  /** `$n`. PostgreSQL infers the type, or another place of the statement declares it. */
  untyped(name: keyof Types & string): string;
  typed(name: keyof Types & string): string;
  allTyped(): string[];
  /** `unnest(…) AS alias(columns)`, with the number of each row as `ordinality` if that is given. */
  table(name: keyof Types & string, alias: string, ordinality?: string): string;
  toValues(values: ParameterValues<Types>): unknown[];
}

export function nameParameters<const Types extends ParameterTypes>(
  types: Types,
): NamedParameters<Types> {
  const numbers = new Map<string, number>();
  let count = 0;
  const columns = Object.entries(types).map(([name, type]) => {
    numbers.set(name, count + 1);
    count += typeof type === 'string' ? 1 : Object.keys(type).length;
    return [name, typeof type === 'string' ? null : Object.keys(type)] as const;
  });
  const untyped = (name: string) => `$${numbers.get(name)}`;
  const typedParts = (name: string) => {
    const type = types[name] ?? {};
    const first = numbers.get(name) ?? 0;
    return typeof type === 'string'
      ? [`$${first}::${type}`]
      : Object.values(type).map((column, at) => `$${first + at}::${column}[]`);
  };
  return {
    untyped,
    typed: (name) => typedParts(name).join(', '),
    allTyped: () => Object.keys(types).flatMap(typedParts),
    table(name, alias, ordinality) {
      const names = Object.keys(types[name] ?? {}).concat(ordinality ?? []);
      const withNumber = ordinality === undefined ? '' : ' WITH ORDINALITY';
      return `unnest(${typedParts(name).join(', ')})${withNumber} AS ${alias}(${names.join(', ')})`;
    },
    toValues: (values) =>
      columns.flatMap(([name, names]) => {
        const value = values[name];
        if (names === null) return [value];
        const rows = value as readonly Readonly<Record<string, unknown>>[];
        return names.map((column) => rows.map((row) => row[column]));
      }),
  };
}
