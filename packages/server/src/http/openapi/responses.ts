import { type Code, type Op, REASONS } from '@colloquy/wire';
import { type JsonObject, schemaObject } from './schemas.ts';

export const header = (description: string, schema: JsonObject, example: unknown): JsonObject => ({
  description,
  schema,
  example,
});
const answerSchema = (properties: JsonObject): JsonObject => ({
  type: 'object',
  required: Object.keys(properties),
  additionalProperties: false,
  properties,
});

export const HEADER_COMPONENTS: JsonObject = {
  RequestId: header(
    'The id of this response in the logs of the server',
    { type: 'string' },
    'req_5gqAyB2k_1f',
  ),
  RetryAfter: header('Seconds to wait before the next attempt', { type: 'integer', minimum: 1 }, 1),
  Authenticate: header('How to authenticate', { type: 'string', const: 'Token' }, 'Token'),
  ETag: header(
    'A hash of this answer, to be sent in `If-None-Match`',
    { type: 'string' },
    '"xKzk9PPOm1a6xnqv5Cy0Q8JFhSjxh3P1rYc2VQ2bT0E"',
  ),
  Allow: header('The methods that this path accepts', { type: 'string' }, 'GET, PUT, DELETE, HEAD'),
};

export function headersOf(status: number): JsonObject {
  const refer = (name: string) => ({ $ref: `#/components/headers/${name}` });
  return {
    'X-Request-Id': refer('RequestId'),
    ...(status === 401 && { 'WWW-Authenticate': refer('Authenticate') }),
    ...(status === 405 && { Allow: refer('Allow') }),
    ...((status === 429 || status === 503) && { 'Retry-After': refer('RetryAfter') }),
  };
}

export const TAG_HEADER: JsonObject = { ETag: { $ref: '#/components/headers/ETag' } };

export function notModifiedResponse(): JsonObject {
  return {
    304: {
      description: 'The client already has this answer; there is no body',
      headers: { ...headersOf(304), ...TAG_HEADER },
    },
  };
}

export function headerParameter(name: string, description: string | undefined, example: string) {
  return { name, in: 'header', required: false, description, schema: { type: 'string' }, example };
}

export const IF_NONE_MATCH = headerParameter(
  'If-None-Match',
  'One or more `ETag`s of earlier answers; if one of them is that of this answer, the status is 304',
  '"xKzk9PPOm1a6xnqv5Cy0Q8JFhSjxh3P1rYc2VQ2bT0E"',
);

export function successResponses(op: Op): JsonObject {
  const output = schemaObject(op.output);
  const schema = answerSchema({ Success: { type: 'boolean', const: true }, Data: output });
  const example = { Success: true, Data: op.examples?.output };
  const json = { schema, ...(op.examples?.output !== undefined && { example }) };
  const replaces = op.statuses.length > 1;
  const means = (status: number) => {
    if (status === 201) return 'Created';
    return replaces ? 'It already existed and is now as in the request' : 'Success';
  };
  return Object.fromEntries(
    op.statuses.toSorted().map((status) => [
      String(status),
      {
        description: means(status),
        headers: { ...headersOf(status), ...(op.isTagged && TAG_HEADER) },
        content: contentOf(op, output) ?? { 'application/json': json },
      },
    ]),
  );
}

function contentOf({ download, eventStream }: Op, output: JsonObject): JsonObject | null {
  if (eventStream) return { 'text/event-stream': { schema: output } };
  return download === undefined ? null : { [download]: { schema: output } };
}

export function streamOverResponse(): JsonObject {
  return {
    204: {
      description: 'The stream is over, and `Last-Event-ID` is its end; there is no body',
      headers: headersOf(204),
    },
  };
}

export const LAST_EVENT_ID = headerParameter(
  'Last-Event-ID',
  'The `id:` of the last event that you received; the stream continues after it',
  '1042.0',
);

export function failureResponses(
  operation: string,
  codes: readonly Code[],
  messages: Partial<Record<Code, string>> = {},
): JsonObject {
  return Object.fromEntries(
    [...Map.groupBy(codes, (code) => REASONS[code].status)].map(([status, atStatus]) => [
      status,
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
  const examples = codes.map((code) => {
    const Code = `${operation}:${code}`;
    const Message = messages[code] ?? REASONS[code].example;
    return [code, { summary: Code, value: { Success: false, Code, Message } }];
  });
  return {
    description: lines.join('\n\n'),
    headers: headersOf(status),
    content: {
      'application/json': {
        schema: answerSchema({
          Success: { type: 'boolean', const: false },
          Code: { type: 'string', enum: full },
          Message: { type: 'string', description: 'What is wrong and what to do, in one sentence' },
        }),
        examples: Object.fromEntries(examples),
      },
    },
  };
}
