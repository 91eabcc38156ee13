export type Given = Record<string, unknown>;
export type OptionalSearch<Read extends (given: Given) => object> = Readonly<
  Partial<ReturnType<Read>>
>;

export const readText = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

export const readInstant = (value: unknown): string | undefined =>
  typeof value === 'string' && /^\d{4}-/.test(value) && !Number.isNaN(Date.parse(value))
    ? value
    : undefined;
