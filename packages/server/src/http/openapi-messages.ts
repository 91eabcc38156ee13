import type { Code, Op, OpName } from '@colloquy/wire';
import { listText, sufficientTypes } from './op-facts.ts';

/** A Message of each reason, as this server writes it. */
export const EXAMPLE_MESSAGES: Readonly<Record<Code, string>> = {
  INVALID_JSON: 'The body is not valid JSON (at character 17).',
  INVALID_REQUEST: 'businessId must be a positive integer.',
  INVALID_CURSOR: 'The cursor is not one that this list gave; start again without a cursor.',
  API_KEY_MISSING:
    'Send an API key with the request, in the header `Authorization: Token <API key>`.',
  API_KEY_INVALID:
    'This API key is not valid; check that it is complete, or ask an admin for a new one.',
  SESSION_EXPIRED: 'Your session has ended; sign in again.',
  SIGN_IN_FAILED: 'The e-mail address or the password is wrong.',
  CSRF_TOKEN_INVALID:
    'Send the CsrfToken of GetSession with each change, in the header `X-CSRF-Token`.',
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

const NO_SUCH_CALL = 'There is no such call in the queue of this business.';
const LEASE_IS_OVER = 'The lease of this call has run out; it was given back.';

/** Messages of an operation that fit it better. */
const OWN_MESSAGES: Partial<Record<OpName, Partial<Record<Code, string>>>> = {
  GetConversations: {
    INVALID_REQUEST: 'Filter.SessionState is not a known key.',
  },
  PutConversation: {
    INVALID_REQUEST: 'EndTime is required when Status is Completed.',
    CONFLICT: 'The conversation is there with other content, and the key may not edit it.',
  },
  AppendConversationEvents: {
    INVALID_REQUEST: 'Events[2].Role must be one of User, Agent, System, Tool, Client.',
    CONFLICT: 'The conversation has started already.',
    NOT_FOUND: 'There is no such conversation; the first event of a new one is SessionStarted.',
    PAYLOAD_TOO_LARGE: 'A conversation holds at most 20,000 messages.',
  },
  PutRecording: {
    INVALID_REQUEST: 'The body is empty; send the bytes of the recording.',
    CONFLICT: 'There is another recording already, and the key may not replace it.',
    NOT_FOUND:
      'There is no participant client_123 in this conversation; give a ClientId, an AgentId or _mixed.',
    PAYLOAD_TOO_LARGE: 'A recording has at most 1073741824 bytes.',
    UNSUPPORTED_MEDIA_TYPE:
      'The Content-Type must be one of audio/wav, audio/mpeg, audio/ogg, audio/webm, audio/mp4, audio/flac.',
  },
  GetOutboundQueue: { NOT_FOUND: NO_SUCH_CALL },
  GetOutboundQueueHistory: { NOT_FOUND: NO_SUCH_CALL },
  GetInboundQueue: { NOT_FOUND: NO_SUCH_CALL },
  GetInboundQueueHistory: { NOT_FOUND: NO_SUCH_CALL },
  InitiateCall: {
    INVALID_REQUEST: 'Give either RecipientNumber or Recipients.',
    CONFLICT: 'This Idempotency-Key has named another request; give each request a key of its own.',
    UNSUPPORTED_MEDIA_TYPE: 'Send the body with Content-Type: application/json or text/csv.',
  },
  CancelOutboundQueue: {
    NOT_FOUND: NO_SUCH_CALL,
    CONFLICT: 'The call is under way, in conversation session_abc123.',
  },
  RescheduleOutboundQueue: {
    NOT_FOUND: NO_SUCH_CALL,
    CONFLICT: 'The call does not wait, it is with a worker.',
  },
  GetCampaign: { NOT_FOUND: 'There is no such campaign in this business.' },
  HeartbeatOutboundCall: { NOT_FOUND: NO_SUCH_CALL, CONFLICT: LEASE_IS_OVER },
  CompleteOutboundCall: { NOT_FOUND: NO_SUCH_CALL, CONFLICT: LEASE_IS_OVER },
  FailOutboundCall: { NOT_FOUND: NO_SUCH_CALL, CONFLICT: LEASE_IS_OVER },
  HeartbeatInboundCall: { NOT_FOUND: NO_SUCH_CALL, CONFLICT: LEASE_IS_OVER },
  CompleteInboundCall: { NOT_FOUND: NO_SUCH_CALL, CONFLICT: LEASE_IS_OVER },
  FailInboundCall: { NOT_FOUND: NO_SUCH_CALL, CONFLICT: LEASE_IS_OVER },
  AddDoNotCall: {
    INVALID_REQUEST: 'Numbers must have at most 10000 items.',
    UNSUPPORTED_MEDIA_TYPE: 'Send the body with Content-Type: application/json or text/csv.',
  },
  RemoveDoNotCall: { NOT_FOUND: 'The number is not on the do-not-call list of this business.' },
  CreateUser: {
    INVALID_REQUEST: 'Email is required.',
    CONFLICT: 'There is a user with the Email ada@example.com already; choose another.',
  },
  UpdateUser: {
    INVALID_REQUEST: 'IsDisabled must be a boolean or null.',
    NOT_FOUND: 'There is no user user_01hm72c900e1v9x7q2m4t6b8zn.',
    CONFLICT: 'This is the last enabled admin; make another user an admin first.',
  },
  CreateBusiness: {
    INVALID_REQUEST: 'Name is required.',
    CONFLICT: 'There is a business 12345 already; choose another BusinessId, or none.',
  },
  GetInvitation: {
    NOT_FOUND: 'There is no such invitation; ask for another one.',
    GONE: 'This link was used or has expired; ask for another one.',
  },
  AcceptInvitation: {
    NOT_FOUND: 'There is no such invitation; ask for another one.',
    GONE: 'This link was used or has expired; ask for another one.',
    CONFLICT: 'There is a user with the Email ada@example.com already; choose another.',
  },
  CreateSignInLink: { NOT_FOUND: 'There is no user user_01hm72c900e1v9x7q2m4t6b8zn.' },
  CreateInvitation: {
    CONFLICT: 'grace@example.com is a member already; PutMember gives another role.',
  },
  RevokeInvitation: { NOT_FOUND: 'There is no such open invitation in this business.' },
  PutMember: {
    NOT_FOUND:
      'user_01hm72c900e1v9x7q2m4t6b8zn is no member of this business; give an Email to invite somebody.',
    CONFLICT: 'This is the last Owner of the business; make another member an Owner first.',
  },
  RemoveMember: {
    NOT_FOUND: 'user_01hm72c900e1v9x7q2m4t6b8zn is no member of this business.',
    CONFLICT: 'This is the last Owner of the business; make another member an Owner first.',
  },
  CreateBusinessApiKey: {
    INVALID_REQUEST: 'ExpiresAt is in the past; give a time to come, or none.',
  },
  RevokeBusinessApiKey: {
    NOT_FOUND: 'There is no API key key_01hm72c900f3w5y7a9c1e3g5jk that names this business.',
    CONFLICT: 'This key names other businesses too; ask an admin to revoke it.',
  },
  UpdateBusiness: { NOT_FOUND: 'There is no business 12345.' },
  CreateApiKey: { INVALID_REQUEST: 'ExpiresAt is in the past; give a time to come, or none.' },
  RevokeApiKey: {
    INVALID_REQUEST: 'apiKeyId must have at most 1024 characters.',
    NOT_FOUND: 'There is no API key key_01hm72c900f3w5y7a9c1e3g5jk.',
  },
  ListUsers: { INVALID_REQUEST: 'Limit must be at most 100.' },
  ListBusinesses: { INVALID_REQUEST: 'Limit must be at most 100.' },
  ListApiKeys: { INVALID_REQUEST: 'Limit must be at most 100.' },
};

export function messagesOf(op: Op): Partial<Record<Code, string>> {
  const own = OWN_MESSAGES[op.name as OpName] ?? {};
  if (typeof op.permission === 'string') return own;
  const { module } = op.permission;
  const types = listText(sufficientTypes(op.permission), 'or');
  return {
    PERMISSION_DENIED: `This API key lacks ${module} with ${types}; use a key that holds it.`,
    ...own,
  };
}
