import { type Code, type Op, REASONS } from '@colloquy/wire';
import { listText } from './op-facts.ts';
import { type JsonObject, schemaObject } from './openapi-schemas.ts';

/** A Message as this server writes it. The means of the table say what is wrong, these what to do. */
const EXAMPLE_MESSAGES: Readonly<Record<Code, string>> = {
  INVALID_JSON: 'The body is not valid JSON (at character 17).',
  INVALID_REQUEST: 'businessId must be a positive integer.',
  INVALID_CURSOR: 'The cursor is not one that this list gave; start again without a cursor.',
  API_KEY_MISSING:
    'Send an API key with the request, in the header `Authorization: Token <API key>`.',
  API_KEY_INVALID:
    'This API key is not valid; check that it is complete, or ask an admin for a new one.',
  USER_DISABLED:
    'The user of this API key is disabled; ask an admin to enable the user, or use another key.',
  BUSINESS_ACCESS_DENIED:
    'This API key may not use business 12345; check the number, or ask an admin for access.',
  BUSINESS_DISABLED: 'Business 12345 is disabled; ask an admin to enable it.',
  BUSINESS_EDITING_DISABLED:
    'Editing is switched off for business 12345; ask an admin to switch it on.',
  PERMISSION_DENIED: 'Only an admin may do this; use the key of an admin.',
  URL_EXPIRED: 'This URL ran out; read the conversation again for a new one.',
  URL_INVALID: 'This URL was altered; read the conversation for a new one.',
  NOT_FOUND: 'There is no such conversation in this business.',
  METHOD_NOT_ALLOWED: 'Use GET or PUT here.',
  CONFLICT: 'What is there does not allow this.',
  SESSION_SEALED: 'The conversation is sealed; it takes no more events.',
  GONE: 'The conversation was erased.',
  PAYLOAD_TOO_LARGE: 'The body is larger than this takes.',
  UNSUPPORTED_MEDIA_TYPE: 'Send the body with Content-Type: application/json.',
  RATE_LIMITED: 'Too many requests; try again in 1 s.',
  INTERNAL_ERROR: 'Something went wrong on our side (request req_5gqAyB2k_1f).',
  UNAVAILABLE: 'The database does not answer at the moment; try again shortly.',
};

const header = (description: string, schema: JsonObject, example: unknown): JsonObject => ({
  description,
  schema,
  example,
});

/** Headers that responses refer to. */
export const HEADER_COMPONENTS: JsonObject = {
  RequestId: header(
    'Names this response in the logs of the server',
    { type: 'string' },
    'req_5gqAyB2k_1f',
  ),
  RetryAfter: header('Seconds to wait before the next try', { type: 'integer', minimum: 1 }, 1),
  Authenticate: header('How to authenticate', { type: 'string', const: 'Token' }, 'Token'),
  Allow: header('The methods that this path has', { type: 'string' }, 'GET, PUT, DELETE, HEAD'),
};

/** The headers of a response of this status, as references. */
export function headersOf(status: number): JsonObject {
  const refer = (name: string) => ({ $ref: `#/components/headers/${name}` });
  return {
    'X-Request-Id': refer('RequestId'),
    ...(status === 401 && { 'WWW-Authenticate': refer('Authenticate') }),
    ...(status === 405 && { Allow: refer('Allow') }),
    ...((status === 429 || status === 503) && { 'Retry-After': refer('RetryAfter') }),
  };
}

/** The answers of a success, by status. */
export function successResponses(op: Op): JsonObject {
  const schema = {
    type: 'object',
    required: ['Success', 'Data'],
    additionalProperties: false,
    properties: { Success: { type: 'boolean', const: true }, Data: schemaObject(op.output) },
  };
  const example = { Success: true, Data: op.examples?.output };
  const replaces = op.statuses.length > 1;
  const means = (status: number) => {
    if (status === 201) return 'Created';
    return replaces ? 'It was there already; it is now as the request says' : 'Done';
  };
  return Object.fromEntries(
    op.statuses.toSorted().map((status) => [
      String(status),
      {
        description: means(status),
        headers: headersOf(status),
        content: {
          'application/json': { schema, ...(op.examples?.output !== undefined && { example }) },
        },
      },
    ]),
  );
}

/** The answers of failures, by status, each with every code that it can carry. */
export function failureResponses(
  operation: string,
  codes: readonly Code[],
  messages: Partial<Record<Code, string>> = {},
): JsonObject {
  const byStatus = Map.groupBy(codes, (code) => REASONS[code].status);
  return Object.fromEntries(
    [...byStatus]
      .toSorted(([a], [b]) => a - b)
      .map(([status, atStatus]) => [
        String(status),
        failureResponse(operation, status, atStatus, messages),
      ]),
  );
}

export function failureResponse(
  operation: string,
  status: number,
  codes: readonly Code[],
  messages: Partial<Record<Code, string>> = {},
): JsonObject {
  const full = codes.map((code) => `${operation}:${code}`);
  const lines = codes.map((code) => `\`${code}\`: ${REASONS[code].means}`);
  const examples = codes.map((code) => [
    code,
    {
      summary: `${operation}:${code}`,
      value: {
        Success: false,
        Code: `${operation}:${code}`,
        Message: messages[code] ?? EXAMPLE_MESSAGES[code],
      },
    },
  ]);
  return {
    description: lines.join('\n\n'),
    headers: headersOf(status),
    content: {
      'application/json': {
        schema: {
          type: 'object',
          required: ['Success', 'Code', 'Message'],
          additionalProperties: false,
          properties: {
            Success: { type: 'boolean', const: false },
            Code: { type: 'string', enum: full },
            Message: { type: 'string', description: 'One sentence that says what to do' },
          },
        },
        examples: Object.fromEntries(examples),
      },
    },
  };
}

/** Messages that fit an operation better than those of the table. */
export function messagesOf(op: Op): Partial<Record<Code, string>> {
  const { permission } = op;
  const types = permission === 'admin' ? [] : ['Full', ...permission.anyOf];
  return {
    ...(permission === 'admin'
      ? { INVALID_REQUEST: invalidAdminRequest(op), NOT_FOUND: notFoundText(op.path) }
      : {
          PERMISSION_DENIED: `This API key lacks ${permission.module} with ${listText(types, 'or')}; use a key that holds it.`,
        }),
    ...(op.tag === 'Queues' && {
      NOT_FOUND: 'There is no such call in the queue of this business.',
    }),
    ...(op.body === 'audio' && {
      UNSUPPORTED_MEDIA_TYPE: 'The Content-Type must be one of audio/wav, audio/mpeg, audio/ogg.',
      PAYLOAD_TOO_LARGE: `A recording has at most ${op.bodyLimit} bytes.`,
    }),
  };
}

function invalidAdminRequest(op: Op): string {
  if ('Limit' in op.query.properties) return 'Limit must be at most 100.';
  return op.body === null
    ? 'apiKeyId must have at most 1024 characters.'
    : 'Name must be a string.';
}

function notFoundText(path: string): string {
  if (path.includes('users')) return 'There is no user user_01hm72c900e1v9x7q2m4t6b8zn.';
  return path.includes('businesses')
    ? 'There is no business 12345.'
    : 'There is no API key key_01hm72c900f3w5y7a9c1e3g5jk.';
}
