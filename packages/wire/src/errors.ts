/** Reason → HTTP status, meaning and an example. On the wire, `<Operation>:<REASON>`. */
export const REASONS = {
  INVALID_JSON: {
    status: 400,
    means: 'The body is not JSON, or holds a value that cannot be stored exactly.',
    example: 'The body is not valid JSON (at character 17).',
  },
  INVALID_REQUEST: {
    status: 400,
    means: 'A field is missing, unknown or not allowed; the Message names it by its path.',
    example: 'Limit must be between 1 and 100.',
  },
  INVALID_CURSOR: {
    status: 400,
    means: 'The cursor was changed, or belongs to another business, list or filter.',
    example: 'The cursor does not belong to this list; start again without a cursor.',
  },
  API_KEY_MISSING: {
    status: 401,
    means: 'The header `Authorization: Token <API key>` is missing.',
    example: 'Send an API key with the request, in the header `Authorization: Token <API key>`.',
  },
  API_KEY_INVALID: {
    status: 401,
    means: 'The key is unknown, malformed, revoked or expired.',
    example: 'This API key is not valid; check that it is complete, or ask an admin for a new one.',
  },
  SIGNATURE_INVALID: {
    status: 401,
    means: 'The request of a source does not match the secrets of its connection, or is too old.',
    example: 'The signature does not match the body and the secret.',
  },
  SESSION_EXPIRED: {
    status: 401,
    means: 'The session of the cookie has ended; sign in again.',
    example: 'Your session has ended; sign in again.',
  },
  SIGN_IN_FAILED: {
    status: 401,
    means: 'The e-mail address or the password is wrong.',
    example: 'The e-mail address or the password is wrong.',
  },
  CSRF_TOKEN_INVALID: {
    status: 403,
    means: 'A change with a session cookie needs the `X-CSRF-Token` that `GetSession` returns.',
    example: 'Send the CsrfToken of GetSession with each change, in the header `X-CSRF-Token`.',
  },
  USER_DISABLED: {
    status: 403,
    means: 'The user is disabled.',
    example:
      'The user of this API key is disabled; ask an admin to enable the user, or use another key.',
  },
  BUSINESS_ACCESS_DENIED: {
    status: 403,
    means: 'The user or the key has no access to this business, or the business does not exist.',
    example:
      'This API key may not use business 12345; check the number, or ask an admin for access.',
  },
  BUSINESS_DISABLED: {
    status: 403,
    means: 'The business is disabled.',
    example: 'Business 12345 is disabled; ask an admin to enable it.',
  },
  BUSINESS_EDITING_DISABLED: {
    status: 403,
    means: 'Editing is disabled for the business.',
    example: 'Editing is switched off for business 12345; ask an admin to switch it on.',
  },
  PERMISSION_DENIED: {
    status: 403,
    means: 'The key or the role lacks the required permission.',
    example: 'Only an admin may do this; use the key of an admin.',
  },
  QUOTA_EXCEEDED: {
    status: 403,
    means:
      'The business has reached a quota that an admin of the server has set; the Message names it. Retry after minutes, not seconds: it can be raised, and the next month may begin.',
    example:
      'Business 12345 began 1,000 conversations in 2024-01 (UTC) and its quota is 1,000 a month; ask an admin of the server to raise it, or wait for the next month.',
  },
  URL_EXPIRED: {
    status: 403,
    means: 'The pre-signed URL has expired; read the conversation again for a new one.',
    example: 'This URL has expired; read the conversation again for a new one.',
  },
  URL_INVALID: {
    status: 403,
    means: 'The pre-signed URL was changed.',
    example: 'This URL was altered; read the conversation for a new one.',
  },
  NOT_FOUND: {
    status: 404,
    means: 'The resource does not exist in this business.',
    example: 'There is no such conversation in this business.',
  },
  METHOD_NOT_ALLOWED: {
    status: 405,
    means: 'The path exists, but only with the methods in `Allow`.',
    example: 'Use GET or PUT here.',
  },
  CONFLICT: {
    status: 409,
    means: 'The current state of the resource does not allow this operation.',
    example: 'The current state of the resource does not allow this operation.',
  },
  SESSION_SEALED: {
    status: 409,
    means: 'The conversation is sealed and accepts no more events.',
    example: 'The conversation is sealed; it accepts no more events.',
  },
  GONE: {
    status: 410,
    means: 'The resource was erased, or its retention period has ended.',
    example: 'The conversation was erased.',
  },
  PAYLOAD_TOO_LARGE: {
    status: 413,
    means: 'The body, or the conversation that it would build, is too large.',
    example: 'The body is too large for this operation.',
  },
  UNSUPPORTED_MEDIA_TYPE: {
    status: 415,
    means: 'The operation does not accept this Content-Type.',
    example: 'Send the body with Content-Type: application/json.',
  },
  RATE_LIMITED: {
    status: 429,
    means: 'Too many requests; retry after the seconds in `Retry-After`.',
    example: 'Too many requests; try again in 1 s.',
  },
  INTERNAL_ERROR: {
    status: 500,
    means: 'An error in the server; the Message contains the request id.',
    example: 'Something went wrong on our side (request req_5gqAyB2k_1f).',
  },
  UNAVAILABLE: {
    status: 503,
    means:
      'The database or the object store does not respond; retry after the seconds in `Retry-After`.',
    example: 'The database does not answer at the moment; try again shortly.',
  },
} as const;

export type Code = keyof typeof REASONS;

/** Of every operation. */
export const COMMON_ERRORS: readonly Code[] = [
  'INVALID_REQUEST',
  'RATE_LIMITED',
  'INTERNAL_ERROR',
  'UNAVAILABLE',
];

/** If it needs a credential. */
export const CREDENTIAL_ERRORS: readonly Code[] = [
  'API_KEY_MISSING',
  'API_KEY_INVALID',
  'SESSION_EXPIRED',
  'USER_DISABLED',
];

/** Below `/business/{businessId}`. */
export const BUSINESS_ERRORS: readonly Code[] = [
  'BUSINESS_ACCESS_DENIED',
  'BUSINESS_DISABLED',
  'BUSINESS_EDITING_DISABLED',
];

/** With a JSON body. */
export const BODY_ERRORS: readonly Code[] = [
  'INVALID_JSON',
  'PAYLOAD_TOO_LARGE',
  'UNSUPPORTED_MEDIA_TYPE',
];
