import { MAX_LOGS, MAX_MESSAGES, MAX_PARTICIPANTS } from './conversations/conversation-schemas.ts';
import { MAX_ANONYMOUS_BODY_BYTES } from './op.ts';

export const API_SUMMARY =
  'The open system of record for the conversations that AI agents hold with people.';

export const API_INTRODUCTION =
  'Write conversations while they happen or as a whole, store their recordings, and read them back. To get a conversation, call `GetConversation` at `GET /business/{businessId}/conversations/{sessionId}`; the name of an operation is also the first part of its failure codes. `/llms.txt` has the same content as plain text.';

export interface JsonLimits {
  readonly depth: number;
  readonly keysOfObject: number;
  readonly keys: number;
  readonly containers: number;
}

export interface GroundRule {
  readonly title: string;
  readonly text: string;
}

const number = (n: number) => n.toLocaleString('en-US');

/** As sections of Markdown. */
export function groundRules(json: JsonLimits): readonly GroundRule[] {
  return [
    {
      title: 'Requests and answers',
      text: `Everything below \`/api/v1\` accepts and returns JSON (\`application/json; charset=utf-8\`) with PascalCase keys. A recording is uploaded as its bytes, and some operations accept rows as \`text/csv\`. A success is \`{"Success": true, "Data": …}\` and has no other key at the top level. Every response has \`X-Request-Id\`. Data of a business has \`Cache-Control: private, no-store\`. Every \`GET\` also answers \`HEAD\`; another method at the path of an operation is a 405 with \`Allow\`.`,
    },
    {
      title: 'Authentication',
      text: `Send \`Authorization: Token <API key>\`; \`Bearer <API key>\` is also accepted. A browser in which a user has signed in (\`SignIn\`) sends a cookie instead, and with every change the \`CsrfToken\` of the session as \`X-CSRF-Token\`. If a request has an \`Authorization\` header, the cookie is ignored. The key is checked before the body is read.`,
    },
    {
      title: 'Permission',
      text: `These checks run in order, and the first that fails determines the answer: the key or the session is valid, its user is not disabled, \`businessId\` is a positive integer, the key may use the business, the business is not disabled, editing is enabled for the business, the permission, the shape of the request, and last whether the resource exists. A business that does not exist and one that the key may not use have the same answer.

\`Full\` on a module includes all of its types. A key never holds more than the role of its user in the business: a \`Viewer\` reads conversations, an \`Agent\` also adds and edits them and makes calls, an \`Admin\` may do everything except \`People\` and erasures of persons, and an \`Owner\` may do everything. A user cannot grant a role or a key that holds more than the user does. The keys of an admin may use every business; administration needs an admin's key without limits. Changes of users, businesses, members and keys take effect with the next request.`,
    },
    {
      title: 'Effects',
      text: 'The document has hints for each operation in `x-annotations`, in the terms of the tool annotations of the Model Context Protocol: `readOnlyHint` (it changes nothing except the audit log), `destructiveHint` (it can overwrite, remove or end something) and `idempotentHint` (a repeat has no further effect).',
    },
    {
      title: 'Failures',
      text: `A failure is \`{"Success": false, "Code": "<Operation>:<REASON>", "Message": "…"}\` with the HTTP status of its reason. The Message is one sentence for a person; programs should use the part of the Code after the colon. Outside of all operations the first part is \`Request\`, as in \`Request:NOT_FOUND\` for an unknown path. A 401 has \`WWW-Authenticate: Token\`; 429 and 503 have \`Retry-After\` in seconds. A 500 contains only the request id.`,
    },
    {
      title: 'Timestamps',
      text: `Answers have RFC 3339 timestamps in UTC with \`Z\`, with a fraction only if it is not zero, and then with three digits (\`2024-01-15T14:30:00Z\`, \`2024-01-15T14:30:02.250Z\`). Requests may use any offset. A timestamp without an offset, a date that does not exist, a second of \`:60\` and a year outside of 1 to 9999 after conversion are a 400. Precision finer than a millisecond is truncated.`,
    },
    {
      title: 'Ids',
      text: `A client may choose the ids of conversations, participants and events: 1 to 128 characters from \`A-Z a-z 0-9 _ . : -\`, and for participants also \`+\` and \`@\`. The ids \`.\` and \`..\` are refused, since a URL cannot contain them, and a participant cannot be \`_mixed\`, which names the recording of all participants. A \`businessId\` is a positive integer up to 2^53-1. Ids that the server makes sort by creation time.

If a business masks content, a key without \`Conversations.Unredacted\` reads an opaque id (\`masked_\` and up to 200 characters) instead of one that contains a phone number, a card number or an e-mail address, and sends this opaque id to every operation. The original id is a 403 for such a key, whether or not it exists. The same applies to participants, for whom the key sends the \`person_\` id that it reads. Opaque ids work for other keys too.`,
    },
    {
      title: 'JSON',
      text: `Nothing is dropped or converted silently. An unknown key is a 400 that names it, so that a mistyped filter never widens a result. A body must be UTF-8, nested at most ${json.depth} levels deep, without NUL, lone surrogates or duplicate keys. It has at most ${number(json.keysOfObject)} keys in one object, and ${number(json.keys)} keys and ${number(json.containers)} objects and arrays in total; 16 MiB of \`Words\` have fewer. Integers are within ±(2^53-1). Other numbers have at most 17 significant digits and must not overflow or become zero. No value is converted: \`"20"\` is not 20.

An optional key may be left out or null, which mean the same. In answers, keys without a value are null; the extra keys of a message, a log or a participant are present only if they have a value.`,
    },
    {
      title: 'Limits',
      text: `Unless a schema says otherwise: strings 1,024 characters; \`Content\`, the \`Message\` of a log and values of tools 1 MiB; \`Metadata\` and \`Details\` 64 KiB of JSON; arrays in a filter 100 values; bodies 1 MiB, of operations without a credential ${MAX_ANONYMOUS_BODY_BYTES / 1024} KiB, of events, whole conversations and calls 16 MiB, rows 64 MiB, a recording 1 GiB. A conversation that is written as a whole holds at most ${number(MAX_MESSAGES)} messages, ${number(MAX_LOGS)} logs, ${number(MAX_PARTICIPANTS)} clients and ${number(MAX_PARTICIPANTS)} agents. A conversation that is built from events holds the same number of messages and logs, ${number(2 * MAX_PARTICIPANTS)} participants and 16 MiB. \`x-maxBytes\` in a schema limits the UTF-8 bytes of a string, or of the JSON text of another value.`,
    },
    {
      title: 'Names with several spellings',
      text: 'The value sets are closed. The schemas whose names end in `Input` list the spellings that a request may use and their meaning; answers use the first spelling only.',
    },
    {
      title: 'Lists and cursors',
      text: `A page has \`Items\`, and \`NextCursor\` and \`PreviousCursor\` if these pages exist. A cursor is opaque, URL-safe, encrypted, authenticated and bound to its business and filter. A cursor that was changed, truncated or made elsewhere is \`INVALID_CURSOR\`, never a silent first page. It does not contain \`Limit\`. \`TotalCount\` is the exact number of items that match now. A page with \`Include\` omits items that were erased after they were listed.`,
    },
    {
      title: 'Conversations in progress',
      text: `Either all events of a request are stored or none; 200 means that they are on disk. Each event has an \`EventId\`; a repeat, even with other content, is counted in \`Duplicates\` and not applied, so a request can be repeated safely. \`SessionStarted\` comes first and occurs once: for an unknown conversation any other first event is \`NOT_FOUND\`, and a second \`SessionStarted\` is a 409 \`CONFLICT\`. \`ClientLeft\` and \`AgentLeft\` of a participant who has not joined are a \`CONFLICT\`, and so is the same id for a client and an agent. A participant who joins again keeps the first \`JoinedAt\`, and \`LeftAt\` becomes null. A conversation in progress is read like any other, with the data that exists so far; \`EndTime\` and \`EndType\` are null. With \`SessionEnded\`, every participant who is still present leaves.`,
    },
    {
      title: 'Sealing and deleting',
      text: `For 15 minutes (a setting) after \`SessionEnded\` was received, late \`MessageAdded\`, \`LogAdded\`, \`ClientLeft\` and \`AgentLeft\` events are accepted; other types are a 409 \`CONFLICT\`. Then the conversation is sealed, and new events are \`SESSION_SEALED\`. A conversation that was written as a whole is sealed immediately if it is finished, and open to events otherwise. \`PutConversation\` replaces a conversation in either state. The server ends a conversation without events for 24 hours (a setting): \`Failed\`, \`MidSessionFailure\`, at the time of its last event, with a \`Warning\` log. An erased conversation is \`GONE\` permanently, and its id cannot be used again.`,
    },
    {
      title: 'Rate limits',
      text: `Requests are not limited unless the operator sets a limit per key and second. Failed authentications are limited to 20 per minute and address, except from loopback. So are failures of operations without a credential, including bodies that are refused or cut off. Large requests (bodies and conversations over 256 KiB, analytics, simulations and previews) of one business run a few at a time, in turns with those of other businesses. They wait for this, so a client that sends many of them in parallel should allow minutes. If hundreds of one business wait, or one has waited for five minutes, it is refused. Over a limit, the answer is 429 \`RATE_LIMITED\` with \`Retry-After\`.`,
    },
  ];
}
