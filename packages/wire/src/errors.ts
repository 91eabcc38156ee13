/**
 * The closed table of what can go wrong: reason → HTTP status and what it means. On the wire a
 * code is `<Operation>:<REASON>`.
 */
export const REASONS = {
  INVALID_JSON: { status: 400, means: 'The body is not JSON that can be kept as it is.' },
  INVALID_REQUEST: {
    status: 400,
    means: 'A field is missing, unknown or out of bounds; the Message names it by its path.',
  },
  INVALID_CURSOR: {
    status: 400,
    means: 'The cursor was altered, or belongs to another business, list or filter.',
  },
  API_KEY_MISSING: { status: 401, means: 'There is no `Authorization: Token <API key>` header.' },
  API_KEY_INVALID: { status: 401, means: 'The key is unknown, malformed, revoked or expired.' },
  SESSION_EXPIRED: { status: 401, means: 'The session of the cookie has ended; sign in again.' },
  SIGN_IN_FAILED: { status: 401, means: 'The e-mail address or the password is wrong.' },
  CSRF_TOKEN_INVALID: {
    status: 403,
    means: 'A change by cookie lacks the `X-CSRF-Token` that `GetSession` gives.',
  },
  USER_DISABLED: { status: 403, means: 'The user is disabled.' },
  BUSINESS_ACCESS_DENIED: {
    status: 403,
    means: 'The user or the key may not use this business, or there is no such business.',
  },
  BUSINESS_DISABLED: { status: 403, means: 'The business is disabled.' },
  BUSINESS_EDITING_DISABLED: { status: 403, means: 'Editing is switched off for the business.' },
  PERMISSION_DENIED: { status: 403, means: 'The key or the role lacks what this takes.' },
  URL_EXPIRED: { status: 403, means: 'The pre-signed URL ran out; read the conversation again.' },
  URL_INVALID: { status: 403, means: 'The pre-signed URL was altered.' },
  NOT_FOUND: { status: 404, means: 'There is no such thing in this business.' },
  METHOD_NOT_ALLOWED: { status: 405, means: 'The path exists, with the methods in `Allow`.' },
  CONFLICT: { status: 409, means: 'What is there does not allow this.' },
  SESSION_SEALED: { status: 409, means: 'The conversation is sealed; it takes no more events.' },
  GONE: { status: 410, means: 'It was erased, or its retention ran out.' },
  PAYLOAD_TOO_LARGE: { status: 413, means: 'The body, or what it would build, is too large.' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, means: 'The Content-Type is not one that this takes.' },
  RATE_LIMITED: { status: 429, means: 'Too many requests; `Retry-After` says when to come again.' },
  INTERNAL_ERROR: { status: 500, means: 'A fault of ours; the Message carries the request id.' },
  UNAVAILABLE: {
    status: 503,
    means: 'The database or the object store does not answer; `Retry-After` says when to retry.',
  },
} as const;

export type Code = keyof typeof REASONS;

/** The reasons that every operation can answer. */
export const COMMON_ERRORS: readonly Code[] = [
  'INVALID_REQUEST',
  'RATE_LIMITED',
  'INTERNAL_ERROR',
  'UNAVAILABLE',
];

/** The further reasons of an operation that is not for anyone. */
export const CREDENTIAL_ERRORS: readonly Code[] = [
  'API_KEY_MISSING',
  'API_KEY_INVALID',
  'SESSION_EXPIRED',
  'USER_DISABLED',
];

/** The further reasons of an operation below `/business/{businessId}`. */
export const BUSINESS_ERRORS: readonly Code[] = [
  'BUSINESS_ACCESS_DENIED',
  'BUSINESS_DISABLED',
  'BUSINESS_EDITING_DISABLED',
];

/** The further reasons of an operation with a JSON body. */
export const BODY_ERRORS: readonly Code[] = [
  'INVALID_JSON',
  'PAYLOAD_TOO_LARGE',
  'UNSUPPORTED_MEDIA_TYPE',
];
