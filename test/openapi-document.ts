import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';

export type Json = { readonly [key: string]: unknown };

export const isJson = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** An OpenAPI document whose schemas can be used for checking. */
export class OpenApiDocument {
  readonly root: Json;
  readonly #ajv: Ajv2020;

  constructor(root: Json) {
    this.root = root;
    this.#ajv = new Ajv2020({ strict: false, validateFormats: false });
    this.#ajv.addSchema({ $id: 'document', ...root });
  }

  /** What stands at a path of keys. */
  at(...keys: readonly (string | number)[]): unknown {
    return keys.reduce<unknown>(
      (value, key) => (value as Record<string | number, unknown> | undefined)?.[key],
      this.root,
    );
  }

  /** The check of the schema at a path of keys. */
  schemaAt(keys: readonly (string | number)[]): ValidateFunction {
    const pointer = keys.map((key) =>
      encodeURIComponent(String(key).replaceAll('~', '~0').replaceAll('/', '~1')),
    );
    return this.#ajv.compile({ $ref: `document#/${pointer.join('/')}` });
  }

  /** Visits every object of the document with the keys that lead to it. */
  visit(see: (object: Json, keys: readonly (string | number)[]) => void): void {
    const walk = (value: unknown, keys: readonly (string | number)[]) => {
      if (Array.isArray(value)) {
        for (const [index, item] of value.entries()) walk(item, [...keys, index]);
      } else if (isJson(value)) {
        see(value, keys);
        for (const [key, item] of Object.entries(value)) walk(item, [...keys, key]);
      }
    };
    walk(this.root, []);
  }
}
