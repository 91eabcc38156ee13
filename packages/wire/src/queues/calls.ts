import Type from 'typebox';
import { EXAMPLE_CAMPAIGN, EXAMPLE_OUTBOUND_QUEUE } from '../examples.ts';
import { ADDS, CHANGES, MEBIBYTE, op, READS } from '../op.ts';
import { collection, collectionKeys } from '../page.ts';
import { businessParams, campaignParams, queueParams } from '../parameters.ts';
import { mayCall } from '../permissions.ts';
import { CSV_ROWS, rejectedKeys } from '../rows.ts';
import { about, maybe, nullable, ShownId, strict, Text } from '../types.ts';
import { OutboundQueue } from './call-schemas.ts';
import {
  Campaign,
  InitiateCallBody,
  InitiateCallQuery,
  ListedCampaign,
  PutCampaignBody,
  REJECTIONS,
} from './queue-schemas.ts';
import { SimulateBody, Simulation } from './simulation-schemas.ts';
import { Schedule } from './timing-schemas.ts';

export const calling = { ...ADDS, tag: 'Queues', permission: mayCall, idempotent: true } as const;
const NO_SUCH_CALL = 'There is no such call in the queue of this business.';

export const initiateCall = op({
  ...calling,
  name: 'InitiateCall',
  method: 'POST',
  path: '/business/{businessId}/call/initiate',
  title: 'Enqueue calls',
  summary: 'Add calls to the outbound queue',
  description: `Send one \`RecipientNumber\`, up to 10,000 \`Recipients\`, or up to 100,000 rows as \`text/csv\`. A rejected number leaves null at its place in \`QueueIds\`; if it is the only one, the request is refused. With an \`Idempotency-Key\` header, a repeat within 24 hours returns the first answer.

${CSV_ROWS} The first row names the columns, in any case and with or without spaces: \`RecipientNumber\`, and optionally \`TimeZone\` (an IANA name), \`Metadata\` and \`DynamicVariables\` (JSON objects, which are added to those of the query). An empty value means the value of the query. Without a column \`RecipientNumber\`, the numbers are in the only column whose name means a phone (\`Phone\`, \`phone_number\`, \`Mobile\` and the like), or else in the only one with a name such as \`Number\`. A file that has only numbers needs no column names. All other columns become \`DynamicVariables\`; a column without a name must be empty. An invalid row is rejected as \`INVALID_ROW\`.

A key that reads masked data does not learn which numbers are on the do-not-call list or already queued in the campaign. Calls to such numbers are enqueued. A listed number is held back while it is listed; a duplicate is held back (\`DUPLICATE\`) if the other call is still queued or in progress when its turn comes. A call that is held back for one of these reasons ends at its \`MaxDateTimeUTC\` as \`Expired\`, or without one as \`Canceled\` a day after it was due. \`AllOrNothing\` then considers only the rows themselves.`,
  params: businessParams,
  body: InitiateCallBody,
  bodyLimit: 16 * MEBIBYTE,
  output: Type.Object({
    QueueIds: Type.Array(nullable(ShownId, 'The id of the call; null if it was rejected'), {
      description: 'The ids of the calls in the order of the request; null for a rejected one',
    }),
    Rejected: Type.Array(
      Type.Object({
        ...rejectedKeys,
        Reason: Type.Enum([...REJECTIONS], { description: 'Why it was rejected' }),
      }),
      { description: 'The recipients that were rejected' },
    ),
  }),
  errors: ['CONFLICT'],
  examples: {
    body: {
      NumberId: 'number_1',
      RecipientNumber: '+15551234567',
      Retry: { MaxAttempts: 3, On: ['UserNoAnswer'], DelaySeconds: 600 },
      DynamicVariables: { name: 'Ada' },
    },
    output: { QueueIds: ['queue_xyz789'], Rejected: [] },
  },
  messages: {
    INVALID_REQUEST: 'Give either RecipientNumber or Recipients.',
    CONFLICT:
      'This Idempotency-Key was used for another request; use a different key for each request.',
    UNSUPPORTED_MEDIA_TYPE: 'Send the body with Content-Type: application/json or text/csv.',
  },
  idempotent: false,
  csv: {
    query: InitiateCallQuery,
    bodyLimit: 64 * MEBIBYTE,
    example: 'RecipientNumber,TimeZone,name\n+15551234567,America/New_York,Ada\n',
  },
  takesIdempotencyKey: true,
});

export const cancelOutboundQueue = op({
  ...calling,
  ...CHANGES,
  name: 'CancelOutboundQueue',
  method: 'POST',
  path: '/business/{businessId}/queues/outbound/{queueId}/cancel',
  title: 'Cancel a call',
  summary: 'Cancel an outbound call',
  description:
    'A call that a worker has leased can be canceled too; its lease then ends. A call that has ended in another way is a `CONFLICT`. So is a call whose conversation is in progress, unless `Force` is true: then the call ends as `Canceled`, its slot is free immediately, its lease is void and its conversation ends with `MidSessionFailure`.',
  params: queueParams,
  body: strict({
    Reason: maybe(Text, 'The reason, which the history of the call shows'),
    Force: maybe(
      Type.Boolean({ default: false }),
      '`true`: also end a call whose conversation is in progress',
    ),
  }),
  bodyOptional: true,
  output: OutboundQueue,
  errors: ['NOT_FOUND', 'GONE', 'CONFLICT'],
  examples: {
    body: { Reason: 'The customer called us.' },
    output: { ...EXAMPLE_OUTBOUND_QUEUE, Status: 'Canceled' },
  },
  messages: {
    NOT_FOUND: NO_SUCH_CALL,
    CONFLICT: 'The call is under way, in conversation session_abc123.',
  },
});

export const rescheduleOutboundQueue = op({
  ...calling,
  ...CHANGES,
  name: 'RescheduleOutboundQueue',
  method: 'POST',
  path: '/business/{businessId}/queues/outbound/{queueId}/reschedule',
  title: 'Reschedule a call',
  summary: 'Give a queued call another schedule',
  description:
    'The schedule replaces the earlier one: without `DateTimeUTC` the call is due now, without `MaxDateTimeUTC` it does not expire. A call that is not queued is a `CONFLICT`.',
  params: queueParams,
  body: strict({ Schedule: about(Schedule, 'The new schedule') }),
  output: OutboundQueue,
  errors: ['NOT_FOUND', 'GONE', 'CONFLICT'],
  examples: {
    body: { Schedule: { DateTimeUTC: '2024-01-16T09:00:00Z' } },
    output: {
      ...EXAMPLE_OUTBOUND_QUEUE,
      Status: 'Queued',
      CompletedAt: null,
      ScheduledFor: '2024-01-16T09:00:00Z',
    },
  },
  messages: { NOT_FOUND: NO_SUCH_CALL, CONFLICT: 'The call is not queued; it is with a worker.' },
});

export const simulateOutboundQueue = op({
  ...calling,
  ...READS,
  name: 'SimulateOutboundQueue',
  method: 'POST',
  path: '/business/{businessId}/queues/outbound/simulate',
  title: 'Simulate the outbound queue',
  summary: 'Predict which calls would be made when, and why others would not',
  description:
    'Changes nothing. The simulation assumes that workers are always available, that each call lasts `CallSeconds` and that no call is repeated. It considers up to 10,000 queued calls, in the order in which they are due. For a key that reads masked data, the do-not-call list and earlier attempts on a number are ignored.',
  params: businessParams,
  body: SimulateBody,
  bodyOptional: true,
  output: Simulation,
  examples: {
    body: { Hours: 2 },
    output: {
      From: '2024-01-15T14:00:00Z',
      Until: '2024-01-15T16:00:00Z',
      Dialed: 1,
      NotDialed: 0,
      Hours: [
        { At: '2024-01-15T14:00:00Z', Dialed: 1 },
        { At: '2024-01-15T15:00:00Z', Dialed: 0 },
      ],
      Waiting: [{ Reason: 'LATER', Calls: 1 }],
      Calls: [
        {
          QueueId: 'queue_xyz789',
          CampaignId: null,
          RecipientNumber: '+15551234567',
          At: '2024-01-15T14:29:00Z',
          Reason: null,
        },
      ],
      Occupied: [],
      IsComplete: true,
    },
  },
});

const campaign = { ...EXAMPLE_CAMPAIGN, CreatedAt: '2024-01-15T14:00:00Z' };

export const getCampaigns = op({
  ...calling,
  ...READS,
  name: 'GetCampaigns',
  method: 'GET',
  path: '/business/{businessId}/campaigns',
  title: 'List campaigns',
  summary: 'List campaigns with the number of their calls by state',
  description:
    'The counts are exact at the time of the request. A campaign exists once it has had its first call or its first `PutCampaign`.',
  params: businessParams,
  query: strict(collectionKeys),
  output: collection(ListedCampaign),
  errors: ['INVALID_CURSOR'],
  examples: {
    output: {
      Items: [
        {
          ...campaign,
          Counts: {
            Queued: 812,
            Processing: 20,
            Completed: 164,
            Failed: 3,
            Canceled: 1,
            Expired: 0,
          },
        },
      ],
      NextCursor: null,
    },
  },
});
export const getCampaign = op({
  ...calling,
  ...READS,
  name: 'GetCampaign',
  method: 'GET',
  path: '/business/{businessId}/campaigns/{campaignId}',
  title: 'Get a campaign',
  summary: 'Get the settings of a campaign',
  description:
    'The settings apply to the calls of the campaign that were enqueued without such settings.',
  params: campaignParams,
  output: Campaign,
  errors: ['NOT_FOUND'],
  examples: { output: campaign },
  messages: { NOT_FOUND: 'There is no such campaign in this business.' },
});
export const putCampaign = op({
  ...calling,
  ...CHANGES,
  name: 'PutCampaign',
  method: 'PUT',
  path: '/business/{businessId}/campaigns/{campaignId}',
  title: 'Save a campaign',
  summary: 'Create a campaign or replace its settings',
  description: `A key that is left out gets its default: not paused, no limits, no windows, no retry. \`Windows\` and \`Retry\` apply to the calls of the campaign that were enqueued without them, including calls that are already queued.

If the lease of a call has expired and neither its worker nor its conversation shows a sign of life for \`AbandonAfterSeconds\` (900 by default), its attempt ends with \`MidSessionFailure\` and its slot is free. An outcome that the conversation or the worker reports later replaces this one, and only then a retry is scheduled.`,
  params: campaignParams,
  body: PutCampaignBody,
  output: Campaign,
  statuses: [201, 200],
  examples: {
    body: (({ CampaignId: _id, ...settings }) => settings)(EXAMPLE_CAMPAIGN),
    output: campaign,
  },
});
