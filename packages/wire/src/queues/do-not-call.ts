import Type from 'typebox';
import { MEBIBYTE, op } from '../op.ts';
import { collection, collectionKeys } from '../page.ts';
import { CSV_ROWS, rejectedKeys } from '../rows.ts';
import { maybe, strict, Timestamp } from '../types.ts';
import { calling } from './calls.ts';
import { businessParams, Country, numberParams } from './queue-schemas.ts';

export const MAX_DO_NOT_CALL = 10_000;

const AddDoNotCallBody = strict({
  Numbers: Type.Array(
    // A number that is none is rejected by itself, and does not keep the others off the list.
    Type.String({ maxLength: 1_024 }),
    { minItems: 1, maxItems: MAX_DO_NOT_CALL },
  ),
  DefaultCountry: maybe(Country),
});
const AddDoNotCallQuery = strict({ DefaultCountry: Type.Optional(Country) });
const DoNotCallAdded = Type.Object({
  Added: Type.Integer({ description: 'How many were not on the list yet' }),
  Rejected: Type.Array(
    Type.Object({ ...rejectedKeys, Reason: Type.Enum(['INVALID_NUMBER', 'INVALID_ROW']) }),
  ),
});

export const getDoNotCall = op({
  ...calling,
  name: 'GetDoNotCall',
  method: 'GET',
  path: '/business/{businessId}/do-not-call',
  summary: 'List the numbers that are not to be called',
  description:
    'By number. A cursor is good for the `StartsWith` that it was made with, which is to be given beside it.',
  params: businessParams,
  query: strict({
    ...collectionKeys,
    StartsWith: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 1_024,
        description:
          'Only numbers that begin with these digits, in any usual spelling; a + before them may be left out',
      }),
    ),
  }),
  body: null,
  output: collection(Type.Object({ Number: Type.String(), AddedAt: Timestamp })),
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
  summary: 'Add numbers that are not to be called',
  description: `Up to 10,000 \`Numbers\`, or up to 100,000 rows as \`text/csv\`. What is not a possible number is in \`Rejected\`, and all others are added. Once this is answered, none of them is handed to a worker; calls that wait for them are held back until the number is removed. ${CSV_ROWS} The column of the numbers is found by its name (\`RecipientNumber\`, \`phone\`, \`Mobile number\` and the like), or else by its values; other columns are ignored, and a file of numbers alone needs no names. The answer is 200 also if no number is good, or nothing tells which column holds them (each row is an \`INVALID_ROW\` then); a file without rows is a 400. For a key that reads masked numbers every number counts as added, in the answer and in the audit log, so that neither tells which were on the list.`,
  params: businessParams,
  body: AddDoNotCallBody,
  output: DoNotCallAdded,
  errors: [],
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
  csv: { query: AddDoNotCallQuery, bodyLimit: 64 * MEBIBYTE },
});
export const removeDoNotCall = op({
  ...calling,
  name: 'RemoveDoNotCall',
  method: 'DELETE',
  path: '/business/{businessId}/do-not-call/{number}',
  summary: 'Remove a number from the list of those that are not to be called',
  description:
    'A number that is not on the list is `NOT_FOUND`; a key that reads masked numbers gets the same answer, and leaves the same audit event, in both cases.',
  params: numberParams,
  body: null,
  bodyLimit: 0,
  output: Type.Object({ Number: Type.String() }),
  errors: ['NOT_FOUND'],
  examples: { output: { Number: '+15551234567' } },
});
