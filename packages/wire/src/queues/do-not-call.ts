import Type from 'typebox';
import { CHANGES, MEBIBYTE, op, READS } from '../op.ts';
import { collection, collectionKeys } from '../page.ts';
import { businessParams, numberParams } from '../parameters.ts';
import { CSV_ROWS, rejectedKeys } from '../rows.ts';
import { about, Country, maybe, optional, strict, Timestamp } from '../types.ts';
import { calling } from './calls.ts';

export const MAX_DO_NOT_CALL = 10_000;

const COUNTRY =
  'The country of numbers without a country code, such as `DE`; without it, such numbers are rejected';
const AddDoNotCallBody = strict({
  Numbers: Type.Array(
    // An invalid number is rejected on its own and does not keep the others off the list.
    Type.String({ maxLength: 1_024 }),
    {
      minItems: 1,
      maxItems: MAX_DO_NOT_CALL,
      description: 'The numbers to add, in any usual spelling',
    },
  ),
  DefaultCountry: maybe(Country, COUNTRY),
});
const AddDoNotCallQuery = strict({ DefaultCountry: optional(Country, COUNTRY) });
const DoNotCallAdded = Type.Object({
  Added: Type.Integer({ description: 'The number of numbers that were not on the list before' }),
  Rejected: Type.Array(
    Type.Object({
      ...rejectedKeys,
      Reason: Type.Enum(['INVALID_NUMBER', 'INVALID_ROW'], { description: 'Why it was rejected' }),
    }),
    { description: 'The numbers and rows that were rejected' },
  ),
});
const listedNumber = Type.String({ description: 'The number in E.164' });

export const getDoNotCall = op({
  ...calling,
  ...READS,
  name: 'GetDoNotCall',
  method: 'GET',
  path: '/business/{businessId}/do-not-call',
  title: 'List do-not-call numbers',
  summary: 'List the numbers that must not be called',
  description:
    'The order is by number. A cursor is valid only with the `StartsWith` with which it was made.',
  params: businessParams,
  query: strict({
    ...collectionKeys,
    StartsWith: optional(
      Type.String({ minLength: 1, maxLength: 1_024 }),
      'Only numbers that begin with these digits, in any usual spelling; a leading `+` is optional',
    ),
  }),
  output: collection(
    Type.Object({ Number: listedNumber, AddedAt: about(Timestamp, 'When the number was added') }),
  ),
  errors: ['INVALID_CURSOR'],
  examples: {
    output: {
      Items: [{ Number: '+15551234567', AddedAt: '2024-01-15T14:00:00Z' }],
      NextCursor: null,
    },
  },
});
export const addDoNotCall = op({
  ...calling,
  name: 'AddDoNotCall',
  method: 'POST',
  path: '/business/{businessId}/do-not-call',
  title: 'Add do-not-call numbers',
  summary: 'Add numbers that must not be called',
  description: `Send up to 10,000 \`Numbers\`, or up to 100,000 rows as \`text/csv\`. Values that are not possible numbers are listed in \`Rejected\`; all others are added. After the answer, no worker receives a call to these numbers. Queued calls to them are held back until the number is removed.

${CSV_ROWS} The column with the numbers is found by its name (\`RecipientNumber\`, \`phone\`, \`Mobile number\` and the like), or else by its values. Other columns are ignored, and a file that has only numbers needs no column names.

The answer is 200 even if no number is valid, or if no column can be identified (each row is then an \`INVALID_ROW\`); a file without rows is a 400. For a key that reads masked data, every number counts as added, in the answer and in the audit log, so that neither reveals which numbers were on the list.`,
  params: businessParams,
  body: AddDoNotCallBody,
  output: DoNotCallAdded,
  examples: {
    body: { Numbers: ['+15551234567', '(415) 555-0134', 'unknown'], DefaultCountry: 'US' },
    output: {
      Added: 2,
      Rejected: [
        {
          Index: 2,
          Reason: 'INVALID_NUMBER',
          Message: '"unknown" is not a possible phone number.',
        },
      ],
    },
  },
  messages: {
    INVALID_REQUEST: 'Numbers must have 1 to 10,000 items.',
    UNSUPPORTED_MEDIA_TYPE: 'Send the body with Content-Type: application/json or text/csv.',
  },
  csv: {
    query: AddDoNotCallQuery,
    bodyLimit: 64 * MEBIBYTE,
    example: 'phone,added\n+15551234567,2024-01-15\n',
  },
});
export const removeDoNotCall = op({
  ...calling,
  ...CHANGES,
  name: 'RemoveDoNotCall',
  method: 'DELETE',
  path: '/business/{businessId}/do-not-call/{number}',
  title: 'Remove a do-not-call number',
  summary: 'Remove a number from the do-not-call list',
  description:
    'A number that is not on the list is `NOT_FOUND`. For a key that reads masked data, the answer and the audit event are the same in both cases.',
  params: numberParams,
  output: Type.Object({ Number: listedNumber }),
  errors: ['NOT_FOUND'],
  examples: { output: { Number: '+15551234567' } },
  messages: { NOT_FOUND: 'The number is not on the do-not-call list of this business.' },
});
