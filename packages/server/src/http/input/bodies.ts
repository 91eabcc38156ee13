import type { Op } from '@colloquy/wire';
import Type, { type TSchema } from 'typebox';
import { Fault } from '../../kernel/fault.ts';
import { parseStrictJson } from '../../kernel/json/strict-json.ts';
import { compileCheck } from './validate.ts';

/** `undefined` is an absent body. Also runs in threads. Faults: INVALID_JSON, INVALID_REQUEST. */
export function bodyReader(op: Op): (bytes: Uint8Array | undefined) => unknown {
  const { body } = op;
  if (body === 'audio') throw new Error('audio is not read as JSON');
  const none = body === null;
  const schema: TSchema = body ?? Type.Object({}, { additionalProperties: false });
  const check = compileCheck(schema, 'The body');
  return (bytes) => {
    const absent = none || op.bodyOptional ? {} : undefined;
    const value = bytes === undefined ? absent : parseStrictJson(bytes);
    if (value === undefined) throw new Fault('INVALID_JSON', 'The body is missing; send JSON.');
    check(value);
    return none ? null : value;
  };
}
