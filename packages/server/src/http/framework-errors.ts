import type { Code } from '@colloquy/wire';

export type FrameworkFault = readonly [code: Code, message: string];

const MEDIA_TYPE: FrameworkFault = [
  'UNSUPPORTED_MEDIA_TYPE',
  'Send the body with Content-Type: application/json.',
];
const NO_MEDIA_TYPE: FrameworkFault = [
  'UNSUPPORTED_MEDIA_TYPE',
  'Send the body with a Content-Type.',
];

/** Errors of Fastify that a request can cause. */
export const CLIENT_FAULTS: Readonly<Record<string, FrameworkFault>> = {
  FST_ERR_NOT_FOUND: ['NOT_FOUND', 'There is nothing at this path; /docs lists all operations.'],
  FST_ERR_VALIDATION: ['INVALID_REQUEST', 'The request is not valid for this path; see /docs.'],
  FST_ERR_BAD_URL: ['INVALID_REQUEST', 'The path of the URL is not well-formed.'],
  FST_ERR_MAX_PARAM_LENGTH: ['INVALID_REQUEST', 'A parameter in the path of the URL is too long.'],
  FST_ERR_CTP_BODY_TOO_LARGE: ['PAYLOAD_TOO_LARGE', 'The body is too large for this operation.'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: MEDIA_TYPE,
  FST_ERR_CTP_EMPTY_TYPE: NO_MEDIA_TYPE,
  FST_ERR_ROUTE_MISSING_CONTENT_TYPE: NO_MEDIA_TYPE,
  FST_ERR_ROUTE_MISSING_CONTENT: ['INVALID_JSON', 'The body is missing; send JSON.'],
  FST_ERR_CTP_EMPTY_JSON_BODY: ['INVALID_JSON', 'The body is missing; send JSON.'],
  FST_ERR_CTP_INVALID_JSON_BODY: ['INVALID_JSON', 'The body is not valid JSON.'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [
    'INVALID_REQUEST',
    'The body is not as long as its Content-Length says.',
  ],
};

export const PARSER_FAULTS: Readonly<Record<string, FrameworkFault>> = {
  HPE_HEADER_OVERFLOW: [
    'INVALID_REQUEST',
    'The URL and the headers have more than 16 KiB together.',
  ],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [
    'INVALID_REQUEST',
    'The extensions of a chunk have more than 16 KiB.',
  ],
  ERR_HTTP_REQUEST_TIMEOUT: ['INVALID_REQUEST', 'The request did not arrive in time.'],
};
export const MALFORMED: FrameworkFault = [
  'INVALID_REQUEST',
  'This is not a well-formed HTTP request.',
];
