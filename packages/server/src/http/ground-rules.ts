import { MAX_ANONYMOUS_BODY_BYTES, MAX_LOGS, MAX_MESSAGES, MAX_PARTICIPANTS } from '@colloquy/wire';
import { MAX_CONTAINERS, MAX_DEPTH, MAX_KEYS, MAX_KEYS_OF_OBJECT } from '../base/scan-json.ts';
import { sizeText } from './op-facts.ts';

/** What this is, in one sentence. */
export const SUMMARY =
  'The open system of record for the conversations that AI agents hold with people.';

/** How to begin, in one paragraph. */
export const INTRODUCTION =
  'Write conversations as they happen or whole, keep their recordings, and read them back. A call is `GetConversation`, at `GET /business/{businessId}/conversations/{sessionId}`; the name of an operation is also the first part of its failure codes. The same as plain text: `/llms.txt`.';

const number = (n: number) => n.toLocaleString('en-US');

/** What holds for every operation, as sections of Markdown. */
export const GROUND_RULES: readonly { readonly title: string; readonly text: string }[] = [
  {
    title: 'Requests and answers',
    text: `Everything below \`/api/v1\` takes and gives JSON (\`application/json; charset=utf-8\`) with PascalCase keys; a recording is uploaded as its bytes, and where an operation says so rows may come as \`text/csv\`. A success is \`{"Success": true, "Data": …}\` and nothing else at the top level. Every response carries \`X-Request-Id\`. Data of a business is \`Cache-Control: private, no-store\`. \`GET\` answers \`HEAD\` too; another method at the path of an operation is a 405 with \`Allow\`.`,
  },
  {
    title: 'Authentication and permission',
    text: `Send \`Authorization: Token <API key>\`; \`Bearer <API key>\` is accepted too. A browser in which somebody has signed in (\`SignIn\`) sends a cookie instead, and with every change the session's \`CsrfToken\` as \`X-CSRF-Token\`; where there is an \`Authorization\` the cookie is not looked at. These are checked in this order, and the first that fails answers: the key or the session, its user not disabled, \`businessId\` a positive integer, the key may use the business, the business not disabled, editing enabled for the business, the permission, the shape of the request, and last whether the thing is there. The key is checked before the body is read. A business that does not exist and one that the key may not use are one answer. \`Full\` on a module is all of its types. A key never holds more than the role of its user in the business: a \`Viewer\` reads conversations, an \`Agent\` also adds and edits them and makes calls, an \`Admin\` may do all but \`People\` and erasures of persons, an \`Owner\` all. Nobody gives a role or a key that holds more than they do. An admin's keys may use every business; administration takes an admin's key without limits of its own. Changes of users, businesses, members and keys take effect on the next request.`,
  },
  {
    title: 'Failures',
    text: `A failure is \`{"Success": false, "Code": "<Operation>:<REASON>", "Message": "…"}\` with the HTTP status of its reason. The Message is one sentence for a person; programs should look at the part of the Code after the colon. Outside of every operation the first part is \`Request\`, as in \`Request:NOT_FOUND\` for an unknown path. 401 carries \`WWW-Authenticate: Token\`; 429 and 503 carry \`Retry-After\` in seconds. A 500 says no more than the request id.`,
  },
  {
    title: 'Timestamps',
    text: `Given in UTC as RFC 3339 with \`Z\`; a fraction only where it is not zero, then three digits (\`2024-01-15T14:30:00Z\`, \`2024-01-15T14:30:02.250Z\`). Taken with any offset and converted. No offset, a date that does not exist, a second of \`:60\` and a year outside of 1 to 9999 after conversion are a 400. What is finer than a millisecond is cut off.`,
  },
  {
    title: 'Ids',
    text: `A client may choose the ids of conversations, participants and events: 1 to 128 of \`A-Z a-z 0-9 _ . : -\`, for participants also \`+\` and \`@\`. The ids \`.\` and \`..\` are refused, since no URL can carry them, and a participant cannot be \`_mixed\`, which names the recording of everybody. A \`businessId\` is a positive integer up to 2^53-1. Ids that the server makes sort by creation time. Where a business masks what it stores, a key without \`Conversations.Unredacted\` reads an opaque id (\`masked_\` and up to 200 characters) in place of one that contains a phone number, a card number or an e-mail address, and gives that to every operation. Such an id in clear is a 403 for it, whether or not it exists; so are such ids of participants, of whom it gives the \`person_\` id that it reads. An opaque id works for other keys too.`,
  },
  {
    title: 'What JSON may hold',
    text: `Nothing is dropped or bent in silence. An unknown key is a 400 that names it, so that a mistyped filter never widens a result. A body must be UTF-8, nested at most ${MAX_DEPTH} deep, without NUL, lone surrogates or duplicate keys. It has at most ${number(MAX_KEYS_OF_OBJECT)} keys in one object, and ${number(MAX_KEYS)} keys and ${number(MAX_CONTAINERS)} objects and arrays in all; 16 MiB of \`Words\` have fewer. Integers go up to ±(2^53-1); other numbers have at most 17 significant digits and must not overflow or become zero. No value is converted: \`"20"\` is not 20. An optional key may be left out or be null, which mean the same. The keys that are always there are null where there is no value; the extras of a message, a log or a participant are there only with a value.`,
  },
  {
    title: 'Limits',
    text: `Unless a schema says otherwise: strings 1,024 characters; \`Content\`, a log's \`Message\` and tool values 1 MiB; \`Metadata\` and \`Details\` 64 KiB of JSON; filter arrays 100 values; bodies 1 MiB, those of operations that need no credential ${sizeText(MAX_ANONYMOUS_BODY_BYTES)}, events, whole conversations and calls 16 MiB, rows 64 MiB, a recording 1 GiB. A conversation holds at most ${number(MAX_MESSAGES)} messages, ${number(MAX_LOGS)} logs, ${number(MAX_PARTICIPANTS)} clients and ${number(MAX_PARTICIPANTS)} agents when it is written whole, and the same number of messages and logs, 16 MiB and ${number(2 * MAX_PARTICIPANTS)} participants in all when it is built from events. \`x-maxBytes\` in a schema bounds the UTF-8 bytes of a string, or of the JSON text of another value.`,
  },
  {
    title: 'Names with several spellings',
    text: 'The value sets are closed. The schemas whose names end in `Input` list the spellings that a request may use and what the others mean; answers use the first spelling only.',
  },
  {
    title: 'Lists and cursors',
    text: `A page has \`Items\`, and \`NextCursor\` and \`PreviousCursor\` where there is such a page. A cursor is opaque, URL-safe, encrypted, authenticated and bound to its business and filter; one that was altered, cut or made elsewhere is \`INVALID_CURSOR\`, never a silent first page. It does not carry \`Limit\`. \`TotalCount\` is the exact number that matches now. Items erased since they were listed are left out of a page with \`Include\`.`,
  },
  {
    title: 'A conversation as it happens',
    text: `Events are taken all or none, and 200 means that they are on disk. Each has an \`EventId\`; a repeat is counted in \`Duplicates\` and not applied, also when its content differs, so a request can be sent again safely. \`SessionStarted\` comes first and once: for an unknown conversation any other first event is \`NOT_FOUND\`, and a second \`SessionStarted\` is a 409 \`CONFLICT\`. So are \`ClientLeft\` and \`AgentLeft\` of somebody who has not joined, and one id for a client and an agent. Joining again keeps the first \`JoinedAt\` and clears \`LeftAt\`. A conversation that is going on is read like any other, with what there is so far; \`EndTime\` and \`EndType\` are null. With \`SessionEnded\` whoever has not left leaves.`,
  },
  {
    title: 'Sealing and erasing',
    text: `For 15 minutes (a setting) after \`SessionEnded\` was received, late \`MessageAdded\`, \`LogAdded\`, \`ClientLeft\` and \`AgentLeft\` are taken; other types are a 409 \`CONFLICT\`. Then the conversation is sealed, and new events are \`SESSION_SEALED\`. One that was written whole is sealed from the start when it is finished, and open to events when it is not. PutConversation replaces a conversation in either state. A conversation that is live but silent for 24 hours (a setting) is ended by the server: \`Failed\`, \`MidSessionFailure\`, at the time of its last event, with a \`Warning\` log. An erased conversation is \`GONE\` for ever, and its id cannot be used again.`,
  },
  {
    title: 'Rates',
    text: `There is no limit on requests unless the operator sets one per key and second. Failed authentications are limited to 20 a minute and address, loopback exempt; so are failures of operations that need no credential, which includes bodies that are refused or cut off. Large requests (bodies and conversations over 256 KiB, analytics, simulations and previews) of one business run a few at a time, in turns with those of others, and wait for that: a client should allow minutes when it sends many at once. When hundreds of one business wait, or one has waited for five minutes, it is refused. Over a limit the answer is 429 \`RATE_LIMITED\` with \`Retry-After\`.`,
  },
];
