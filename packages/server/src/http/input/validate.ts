import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import type { TSchema } from 'typebox';
import { Fault } from '../../kernel/fault.ts';
import { parseInstant } from '../../kernel/instant.ts';
import { validationMessage, type Whole } from './validation-message.ts';

// Many servers convert "20" to 20 and drop mistyped keys; here such a request is refused.
/** A validator that knows the keywords and formats of the contract. */
export function createAjv(): Ajv2020 {
  const ajv = new Ajv2020({
    coerceTypes: false,
    removeAdditional: false,
    useDefaults: false,
    allErrors: false,
    verbose: true,
    discriminator: true,
    strict: true,
    strictTypes: false,
    strictRequired: false,
    ownProperties: true,
  });
  // How values are masked (http/masked-reader.ts).
  ajv.addKeyword('x-masked');
  // Phrases for messages (http/validation-message.ts).
  ajv.addKeyword('x-expected');
  ajv.addKeyword('x-expected-names');
  ajv.addFormat('date-time', (text: string) => parseInstant(text) !== null);
  ajv.addKeyword({
    keyword: 'x-maxBytes',
    schemaType: 'number',
    validate: (limit: number, value: unknown) =>
      // No character takes more than three bytes per UTF-16 unit.
      (typeof value === 'string' && value.length * 3 <= limit) ||
      Buffer.byteLength(typeof value === 'string' ? value : JSON.stringify(value)) <= limit,
  });
  return ajv;
}

const ajv = createAjv();

/**
 * A check of a schema that throws INVALID_REQUEST, naming the field by its path. It is compiled when it is
 * first used: to compile all operations takes longer than the rest of a start.
 */
export function compileCheck(schema: TSchema, whole: Whole): (value: unknown) => void {
  let validate: ValidateFunction | null = null;
  return (value) => {
    validate ??= ajv.compile(schema);
    if (validate(value)) return;
    throw new Fault('INVALID_REQUEST', validationMessage(validate.errors ?? [], whole));
  };
}
