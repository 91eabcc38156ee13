import {
  AUDIO_TYPES,
  type CsvInput,
  IDEMPOTENCY_KEY,
  type Op,
  UNSURE_AUDIO_TYPES,
} from '@colloquy/wire';
import type { TObject, TSchema } from 'typebox';
import {
  csvQueryText,
  messagesOf,
  permissionText,
  reasonsOf,
  sizeText,
  sufficientTypes,
} from './op-facts.ts';
import {
  failureResponses,
  IF_NONE_MATCH,
  LAST_EVENT_ID,
  notModifiedResponse,
  streamOverResponse,
  successResponses,
} from './responses.ts';
import { type JsonObject, schemaObject } from './schemas.ts';

export function operationObjects(op: Op): JsonObject {
  const main = operationObject(op, op.name);
  const others = (op.alsoMethods ?? []).map((method) => [
    method.toLowerCase(),
    {
      ...main,
      operationId: `${op.name}By${method[0]}${method.slice(1).toLowerCase()}`,
      summary: `${main.summary} (the same as ${op.method})`,
    },
  ]);
  return Object.fromEntries([[op.method.toLowerCase(), main], ...others]);
}

function operationObject(op: Op, operationId: string): JsonObject {
  const parameters = [
    ...parameterObjects(op.params, 'path'),
    ...parameterObjects(op.query, 'query'),
    ...(op.csv ? csvParameters(op.csv) : []),
    ...(op.isTagged ? [IF_NONE_MATCH] : []),
    ...(op.eventStream ? [LAST_EVENT_ID] : []),
    ...(op.takesIdempotencyKey ? [IDEMPOTENCY_KEY_PARAMETER] : []),
  ];
  return {
    operationId,
    tags: [op.tag],
    summary: op.summary.replaceAll('`', ''),
    description: operationText(op),
    'x-annotations': {
      title: op.title,
      readOnlyHint: op.readOnly,
      destructiveHint: op.destructive,
      idempotentHint: op.idempotent,
    },
    'x-permission': permissionObject(op),
    ...(op.permission === 'anyone' && { security: [] }),
    ...(parameters.length > 0 && { parameters }),
    ...(op.body !== null && { requestBody: requestBody(op, op.body) }),
    responses: {
      ...successResponses(op),
      ...(op.isTagged && notModifiedResponse()),
      ...(op.eventStream && streamOverResponse()),
      ...failureResponses(op.name, reasonsOf(op), messagesOf(op)),
      405: { $ref: '#/components/responses/MethodNotAllowed' },
    },
  };
}

export function operationText(op: Op): string {
  return `${op.description}\n\n**Permission:** ${permissionText(op)}.`;
}

function permissionObject({ permission }: Op): JsonObject {
  if (permission === 'admin') return { admin: true };
  if (typeof permission === 'string') return { [permission]: true };
  const { module, onlyOwner } = permission;
  return { module, anyOf: sufficientTypes(permission), ...(onlyOwner && { onlyOwner }) };
}

function parameterObjects(schema: TObject, place: 'path' | 'query'): JsonObject[] {
  const required: readonly string[] = schema.required ?? [];
  return Object.entries(schema.properties).map(([name, property]) => {
    const { description, examples, ...shown } = schemaObject(property);
    const example = (examples ?? (property as { examples?: unknown }).examples) as
      | readonly unknown[]
      | undefined;
    return {
      name,
      in: place,
      required: required.includes(name),
      ...(description !== undefined && { description }),
      schema: shown,
      ...(example && { example: example[0] }),
    };
  });
}

/** Never required: a JSON body has the same keys. */
function csvParameters(csv: CsvInput): JsonObject[] {
  return parameterObjects(csv.query, 'query').map((parameter) => ({
    ...parameter,
    required: false,
    description: csvQueryText(csv, String(parameter.name)),
  }));
}

const IDEMPOTENCY_KEY_PARAMETER: JsonObject = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: IDEMPOTENCY_KEY.description,
  schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[ -~]+$' },
  example: IDEMPOTENCY_KEY.example,
};

function requestBody(op: Op, body: TSchema | 'audio'): JsonObject {
  const csv = op.csv ? `, as rows ${sizeText(op.csv.bodyLimit)}` : '';
  const size = `At most ${sizeText(op.bodyLimit)}${csv}.`;
  if (body === 'audio') {
    const bytes = { schema: { type: 'string', format: 'binary' } };
    return {
      required: true,
      description: `The bytes of the recording, streamed. ${size}`,
      content: Object.fromEntries(
        [...AUDIO_TYPES, ...UNSURE_AUDIO_TYPES].map((type) => [type, bytes]),
      ),
    };
  }
  return {
    required: op.bodyOptional !== true,
    description: op.bodyOptional
      ? `May be empty or absent, which means all defaults. ${size}`
      : size,
    content: {
      'application/json': {
        schema: schemaObject(body),
        ...(op.examples?.body !== undefined && { example: op.examples.body }),
      },
      ...(op.csv && { 'text/csv': { schema: { type: 'string' }, example: op.csv.example } }),
    },
  };
}
