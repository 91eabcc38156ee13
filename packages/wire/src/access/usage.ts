import Type from 'typebox';
import { EXAMPLE_BUSINESS } from '../examples.ts';
import { op, READS } from '../op.ts';
import { collection, collectionKeys } from '../page.ts';
import { businessParams } from '../parameters.ts';
import { maySeeSettings } from '../permissions.ts';
import { about, BusinessId, count, nullable, optional, strict } from '../types.ts';
import { Quotas } from './access-schemas.ts';

export const MAX_USAGE_MONTHS = 24;

const Month = Type.String({
  pattern: '^(?!0000)\\d{4}-(?:0[1-9]|1[0-2])$',
  'x-expected': 'a month such as `2024-01`',
});
const monthKeys = {
  From: optional(Month, 'The first month; 11 months before `To` by default'),
  To: optional(Month, 'The last month; the current one (UTC) by default'),
};
const MonthUsage = Type.Object({
  Month: about(Month, 'The month, in UTC'),
  Conversations: count('Conversations that began in the month, including those that were deleted'),
  Seconds: Type.Number({
    minimum: 0,
    description: 'How long these conversations took; one that is in progress counts when it ends',
  }),
  Minutes: Type.Number({
    minimum: 0,
    description:
      '`Seconds` divided by 60, to two decimals; single conversations are not rounded up to minutes',
  }),
  TranscriptBytesAdded: nullable(
    count('Bytes'),
    'Bytes of the transcripts that were sealed in the month; null for a key that reads masked data',
  ),
  RecordingBytesAdded: count('Bytes of the recordings that were uploaded in the month'),
  TranscriptBytesStored: nullable(
    count('Bytes'),
    'Bytes of the transcripts stored at the end of the month, or now; null for a key that reads masked data',
  ),
  RecordingBytesStored: count('Bytes of the recordings stored at the end of the month, or now'),
});
export const Usage = Type.Object(
  {
    BusinessId: about(BusinessId, 'The id of the business'),
    Name: Type.String({ description: 'The name of the business' }),
    Quotas: about(Quotas, 'What the business may use'),
    Months: Type.Array(MonthUsage, { description: 'The months of the range, in time order' }),
  },
  { title: 'Usage', description: 'What a business uses, by month' },
);

const EXAMPLE_USAGE = {
  BusinessId: EXAMPLE_BUSINESS.BusinessId,
  Name: EXAMPLE_BUSINESS.Name,
  Quotas: EXAMPLE_BUSINESS.Quotas,
  Months: [
    {
      Month: '2024-01',
      Conversations: 812,
      Seconds: 107184.5,
      Minutes: 1786.41,
      TranscriptBytesAdded: 3_514_220,
      RecordingBytesAdded: 1_715_884_032,
      TranscriptBytesStored: 9_120_004,
      RecordingBytesStored: 4_002_118_144,
    },
  ],
};
const DESCRIPTION = `The numbers are exact, even for what happened a moment ago. What was used stays used: a deleted conversation counts as before, but its bytes are no longer stored. Bytes of a transcript are those of its messages and logs as JSON text, from when it is sealed. Bytes of a recording are those that were uploaded, without copies that the server makes. A range has at most ${MAX_USAGE_MONTHS} months.`;

export const listUsage = op({
  ...READS,
  name: 'ListUsage',
  tag: 'Administration',
  permission: 'admin',
  method: 'GET',
  path: '/admin/usage',
  title: 'List the usage of businesses',
  summary: 'List what businesses use, by month',
  description: `The order is by the id of the business; \`Limit\` is a number of businesses. ${DESCRIPTION}`,
  query: strict({
    ...monthKeys,
    BusinessId: optional(BusinessId, 'Only this business'),
    ...collectionKeys,
  }),
  output: collection(Usage),
  errors: ['INVALID_CURSOR'],
  examples: { output: { Items: [EXAMPLE_USAGE], NextCursor: null } },
});

export const getUsage = op({
  ...READS,
  name: 'GetUsage',
  tag: 'Analytics',
  permission: maySeeSettings,
  method: 'GET',
  path: '/business/{businessId}/usage',
  title: 'Get the usage of a business',
  summary: 'Get what a business uses, by month',
  description: `${DESCRIPTION} A key that reads masked data gets no bytes of transcripts, because they reveal the length of masked texts.`,
  params: businessParams,
  query: strict(monthKeys),
  output: Usage,
  examples: { output: EXAMPLE_USAGE },
});
