import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import type { TSchema } from 'typebox';
import { Fault } from '../../kernel/fault.ts';
import { isInstant } from '../../kernel/instant.ts';
import { validationMessage, type Whole } from './validation-message.ts';

/** Strict, while many servers convert "20" to 20 and drop mistyped keys. */
export function createAjv(): Ajv2020 {
  const ajv = new Ajv2020({
    verbose: true,
    discriminator: true,
    strict: true,
    strictTypes: false,
    strictRequired: false,
  });
  ajv.addVocabulary(['x-masked', 'x-expected', 'x-expected-names']);
  ajv.addFormat('date-time', isInstant);
  ajv.addKeyword({
    keyword: 'x-maxBytes',
    schemaType: 'number',
    validate: (limit: number, value: unknown) =>
      // A UTF-16 unit has at most three bytes in UTF-8.
      (typeof value === 'string' && value.length * 3 <= limit) ||
      Buffer.byteLength(typeof value === 'string' ? value : JSON.stringify(value)) <= limit,
  });
  return ajv;
}

const ajv = createAjv();

/** Compiled at first use: compiling all schemas takes longer than the rest of the start. */
export function compileCheck(schema: TSchema, whole: Whole): (value: unknown) => void {
  let validate: ValidateFunction | null = null;
  return (value) => {
    validate ??= ajv.compile(schema);
    if (validate(value)) return;
    throw new Fault('INVALID_REQUEST', validationMessage(validate.errors ?? [], whole));
  };
}
