import { AUDIO_TYPES, type Code, SOURCES } from '@colloquy/wire';
import {
  failureResponses,
  header,
  headerParameter,
  headersOf,
  IF_NONE_MATCH,
  notModifiedResponse,
  TAG_HEADER,
} from './responses.ts';
import type { JsonObject } from './schemas.ts';

/** Of pre-signed URLs, which need no key and are no operation. */
export const GET_RECORDING_REASONS: readonly Code[] = [
  'URL_EXPIRED',
  'URL_INVALID',
  'GONE',
  'INTERNAL_ERROR',
  'UNAVAILABLE',
];

const AT_ROOT = [{ url: '/', description: 'Next to the API, not below its base' }];

const bytes = Object.fromEntries(
  AUDIO_TYPES.map((type) => [type, { schema: { type: 'string', format: 'binary' } }]),
);
const text = (description: string, example: string) =>
  header(description, { type: 'string' }, example);
const object = (properties: JsonObject) => ({
  type: 'object',
  required: Object.keys(properties),
  properties,
});
const success = (description: string, content: JsonObject) => ({
  200: { description, headers: headersOf(200), content },
});
const rangeHeaders = {
  ...TAG_HEADER,
  'Accept-Ranges': text('Requests may ask for a range of bytes', 'bytes'),
};
const parameter = (name: string, place: 'path' | 'query', rest: JsonObject) => ({
  name,
  in: place,
  required: true,
  ...rest,
});
const mediaParameters = [
  parameter('businessId', 'path', {
    schema: { $ref: '#/components/schemas/BusinessId' },
    example: 12345,
  }),
  parameter('file', 'path', {
    schema: { type: 'string' },
    example: '5d41402abc4b2a76b9719d911017c592.ogg',
  }),
  parameter('expires', 'query', {
    description: 'When the URL expires, in milliseconds since 1970',
    schema: { type: 'integer' },
    example: 1705331130000,
  }),
  parameter('signature', 'query', {
    description: 'A signature over everything else in the URL',
    schema: { type: 'string' },
    example: 'kX0m8bq2Yz4u6s1v3w5x7A',
  }),
];

export function plainPaths(): JsonObject {
  return {
    '/media/{businessId}/{file}': { servers: AT_ROOT, get: getRecording(), head: headRecording() },
    '/connect/{source}/{businessId}/{connectionId}': { servers: AT_ROOT, post: connect() },
    '/.well-known/jwks.json': keysPath(),
    '/healthz': health('GetHealth', 'Check that the process is alive', { status: 'Alive' }),
    '/readyz': health('GetReadiness', 'Check that the server can serve requests', {
      status: 'Ready',
      more: { Version: 'The release of the server', Installation: INSTALLATION },
      example: { Version: '1.2.0', Installation: '9f86d081884c7d65' },
      codes: ['UNAVAILABLE'],
    }),
    '/metrics': metricsPath(),
  };
}

function getRecording(): JsonObject {
  return {
    operationId: 'GetRecording',
    tags: ['Recordings'],
    summary: 'Fetch a recording at its pre-signed URL',
    description:
      'Use the whole URL from an `AudioUrl`: it needs no key, and no character may be changed or added. A request may ask for one range of bytes, and an interrupted download can be resumed with `If-Range`. If recordings are in an object store, `AudioUrl` is a URL of the store instead.',
    security: [],
    parameters: [
      ...mediaParameters,
      headerParameter('Range', undefined, 'bytes=0-1023'),
      headerParameter(
        'If-Range',
        'The `ETag` of an earlier answer: if it is still that of the recording, the answer is the range, and otherwise the whole recording. A date never matches.',
        '"2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"',
      ),
      IF_NONE_MATCH,
    ],
    responses: {
      200: {
        description: 'The recording',
        headers: { ...headersOf(200), ...rangeHeaders },
        content: bytes,
      },
      206: {
        description: 'The range of the recording',
        headers: {
          ...headersOf(206),
          ...rangeHeaders,
          'Content-Range': text('Which range this is', 'bytes 0-1023/48213'),
        },
        content: bytes,
      },
      ...notModifiedResponse(),
      416: {
        description: 'The range is outside of the recording; the body is empty',
        headers: {
          ...headersOf(416),
          'Content-Range': text('The size of the recording', 'bytes */48213'),
        },
      },
      ...failureResponses('GetRecording', GET_RECORDING_REASONS, {
        GONE: 'This recording was erased or replaced.',
      }),
    },
  };
}

function headRecording(): JsonObject {
  return {
    operationId: 'GetRecordingByHead',
    tags: ['Recordings'],
    summary: 'Get the type and length of a recording',
    security: [],
    parameters: [...mediaParameters, IF_NONE_MATCH],
    responses: {
      200: {
        description: 'It exists; `Content-Type` and `Content-Length` describe it',
        headers: { ...headersOf(200), ...rangeHeaders },
      },
      ...notModifiedResponse(),
      403: { description: 'As for GET, without the body', headers: headersOf(403) },
      410: { description: 'As for GET, without the body', headers: headersOf(410) },
    },
  };
}

/** Of requests that sources send to connections. */
export const CONNECT_REASONS: readonly Code[] = [
  'INVALID_REQUEST',
  'SIGNATURE_INVALID',
  'API_KEY_MISSING',
  'API_KEY_INVALID',
  'PERMISSION_DENIED',
  'BUSINESS_DISABLED',
  'BUSINESS_EDITING_DISABLED',
  'NOT_FOUND',
  'PAYLOAD_TOO_LARGE',
  'RATE_LIMITED',
  'INTERNAL_ERROR',
  'UNAVAILABLE',
];

function connect(): JsonObject {
  const outcome = {
    type: 'string',
    enum: ['Stored', 'Repeated', 'Erased'],
    description:
      '`Repeated`: the event was stored before. `Erased`: its conversation was erased, so it is not stored.',
  };
  return {
    operationId: 'Connect',
    tags: ['Connections'],
    summary: 'Receive a request of a connected source',
    description:
      'The source sends its own webhooks here, signed as the connection says; a source that does not sign sends an API key with permission to add conversations. The body is up to 16 MiB. It is on disk when the answer is sent, and becomes part of the conversation of its call soon after.',
    security: [{}, { Bearer: [] }, { Token: [] }],
    parameters: [
      parameter('source', 'path', { schema: { type: 'string', enum: [...SOURCES] } }),
      parameter('businessId', 'path', {
        schema: { $ref: '#/components/schemas/BusinessId' },
        example: 12345,
      }),
      parameter('connectionId', 'path', {
        schema: { $ref: '#/components/schemas/Id' },
        example: 'connection_01k0n5wq7mfd3c8v2t1b9xz4ae',
      }),
    ],
    requestBody: { required: true, content: { '*/*': { schema: {} } } },
    responses: {
      ...success('It is stored', {
        'application/json': {
          schema: object({
            Success: { type: 'boolean', const: true },
            Data: object({ Outcome: outcome }),
          }),
          example: { Success: true, Data: { Outcome: 'Stored' } },
        },
      }),
      ...failureResponses('Connect', CONNECT_REASONS),
    },
  };
}

function keysPath(): JsonObject {
  return {
    servers: AT_ROOT,
    get: {
      operationId: 'GetKeys',
      tags: ['Keeping'],
      summary: 'Get the public keys that verify certificates (RFC 7517)',
      security: [],
      responses: success('A JSON Web Key Set', {
        'application/json': {
          schema: object({ keys: { type: 'array', items: { type: 'object' } } }),
          example: { keys: [{ kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7h' }] },
        },
      }),
    },
  };
}

function metricsPath(): JsonObject {
  return {
    servers: AT_ROOT,
    get: {
      operationId: 'GetMetrics',
      tags: ['Health'],
      summary: 'Get metrics in the Prometheus format',
      description:
        'Needs no key on loopback, and otherwise the key of an admin. A forwarded request is never loopback.',
      security: [{}, { Bearer: [] }, { Token: [] }],
      responses: {
        ...success('The metrics', { 'text/plain': { schema: { type: 'string' } } }),
        ...failureResponses('Request', [
          'API_KEY_MISSING',
          'API_KEY_INVALID',
          'USER_DISABLED',
          'PERMISSION_DENIED',
          'RATE_LIMITED',
        ]),
      },
    },
  };
}

const INSTALLATION = 'The same on all servers of a database, and different for each database';

interface Health {
  readonly status: string;
  /** Descriptions of further texts in the answer. */
  readonly more?: Readonly<Record<string, string>>;
  readonly example?: Readonly<Record<string, string>>;
  readonly codes?: readonly Code[];
}

function health(operationId: string, summary: string, answer: Health) {
  const { status, more = {}, codes = [] } = answer;
  const texts = Object.entries(more).map(([key, description]) => [
    key,
    { type: 'string', description },
  ]);
  const schema = object({
    Success: { type: 'boolean', const: true },
    Data: object({ Status: { type: 'string', const: status }, ...Object.fromEntries(texts) }),
  });
  const example = { Success: true, Data: { Status: status, ...answer.example } };
  return {
    servers: AT_ROOT,
    get: {
      operationId,
      tags: ['Health'],
      summary,
      security: [],
      responses: {
        ...success('Success', { 'application/json': { schema, example } }),
        ...failureResponses('Request', codes),
      },
    },
  };
}
