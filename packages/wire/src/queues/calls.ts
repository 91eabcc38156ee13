import Type from 'typebox';
import { EXAMPLE_CAMPAIGN, EXAMPLE_OUTBOUND_QUEUE } from '../examples.ts';
import { MEBIBYTE, op } from '../op.ts';
import { collection, collectionKeys } from '../page.ts';
import { mayCall } from '../permissions.ts';
import { CSV_ROWS, rejectedKeys } from '../rows.ts';
import { maybe, nullable, ShownId, strict, Text } from '../types.ts';
import {
  businessParams,
  Campaign,
  campaignParams,
  InitiateCallBody,
  InitiateCallQuery,
  ListedCampaign,
  OutboundQueue,
  PutCampaignBody,
  queueParams,
  REJECTIONS,
  Schedule,
} from './queue-schemas.ts';
import { SimulateBody, Simulation } from './simulation-schemas.ts';

/** What all operations of this kind have in common. */
export const calling = {
  tag: 'Queues',
  permission: mayCall,
  query: Type.Object({}),
  bodyLimit: MEBIBYTE,
  statuses: [200],
  idempotent: true,
} as const;

export const initiateCall = op({
  ...calling,
  name: 'InitiateCall',
  method: 'POST',
  path: '/business/{businessId}/call/initiate',
  summary: 'Put calls into the queue',
  description: `One \`RecipientNumber\`, or up to 10,000 \`Recipients\`; or up to 100,000 rows as \`text/csv\`. ${CSV_ROWS} The first row names the columns: \`RecipientNumber\`, and optionally \`TimeZone\` (an IANA name), \`Metadata\` and \`DynamicVariables\` (JSON objects, added to those of the query), in any case and with or without spaces; an empty value is that of the query. Without a column \`RecipientNumber\` the only one whose name means a phone (\`Phone\`, \`phone_number\`, \`Mobile\` and the like), or else the only one called \`Number\` or the like, holds the numbers; a file of numbers alone needs no names. All other columns become \`DynamicVariables\`. A column without a name must have no values. A row that does not fit is rejected as \`INVALID_ROW\`. A number that is rejected leaves null at its place in \`QueueIds\`; where it is the only one the request is refused. With an \`Idempotency-Key\` header, a repeat within 24 hours is given the first answer. A key that reads masked numbers is not told which numbers are on the do-not-call list: they are enqueued, and held back while they are listed. Nor is it told which numbers wait in the campaign already: such a call is enqueued too, and held back (\`DUPLICATE\`) instead of handed out if the other waits or is under way when its turn comes. A call of such a key that is held back for one of these reasons ends at its \`MaxDateTimeUTC\` as \`Expired\`, or without one as \`Canceled\` a day after it was due. \`AllOrNothing\` looks at its rows alone.`,
  params: businessParams,
  body: InitiateCallBody,
  bodyLimit: 16 * MEBIBYTE,
  output: Type.Object({
    QueueIds: Type.Array(nullable(ShownId), {
      description: 'In the order given; null where it was rejected',
    }),
    Rejected: Type.Array(Type.Object({ ...rejectedKeys, Reason: Type.Enum([...REJECTIONS]) })),
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
  idempotent: false,
  csv: { query: InitiateCallQuery, bodyLimit: 64 * MEBIBYTE },
  takesIdempotencyKey: true,
});

export const cancelOutboundQueue = op({
  ...calling,
  name: 'CancelOutboundQueue',
  method: 'POST',
  path: '/business/{businessId}/queues/outbound/{queueId}/cancel',
  summary: 'Take a call out of the queue',
  description:
    'Also one that a worker holds, whose lease ends with it. A call that has ended otherwise is a 409, and so is one whose conversation is under way, unless `Force` is true: then the call ends as `Canceled`, its slot is free at once, its lease is void and its conversation ends with `MidSessionFailure`.',
  params: queueParams,
  body: strict({
    Reason: maybe(Text),
    Force: maybe(
      Type.Boolean({
        default: false,
        description: '`true`: also end a call whose conversation is under way',
      }),
    ),
  }),
  bodyOptional: true,
  output: OutboundQueue,
  errors: ['NOT_FOUND', 'CONFLICT'],
  examples: {
    body: { Reason: 'The customer called us.' },
    output: { ...EXAMPLE_OUTBOUND_QUEUE, Status: 'Canceled' },
  },
});

export const rescheduleOutboundQueue = op({
  ...calling,
  name: 'RescheduleOutboundQueue',
  method: 'POST',
  path: '/business/{businessId}/queues/outbound/{queueId}/reschedule',
  summary: 'Give a call that waits another time',
  description:
    'The schedule replaces the earlier one: without `DateTimeUTC` it is due now, without `MaxDateTimeUTC` it does not expire.',
  params: queueParams,
  body: strict({ Schedule }),
  output: OutboundQueue,
  errors: ['NOT_FOUND', 'CONFLICT'],
  examples: {
    body: { Schedule: { DateTimeUTC: '2024-01-16T09:00:00Z' } },
    output: {
      ...EXAMPLE_OUTBOUND_QUEUE,
      Status: 'Queued',
      CompletedAt: null,
      ScheduledFor: '2024-01-16T09:00:00Z',
    },
  },
});

export const simulateOutboundQueue = op({
  ...calling,
  name: 'SimulateOutboundQueue',
  method: 'POST',
  path: '/business/{businessId}/queues/outbound/simulate',
  summary: 'See what would be dialed when, and what not and why',
  description:
    'Touches nothing. Takes it that workers are there at any time, that a call lasts `CallSeconds` and that none is repeated; looks at up to 10,000 calls that wait, those that are due first. For a key that reads masked numbers the do-not-call list and earlier attempts on a number are left out.',
  params: businessParams,
  body: SimulateBody,
  bodyOptional: true,
  output: Simulation,
  errors: [],
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
  name: 'GetCampaigns',
  method: 'GET',
  path: '/business/{businessId}/campaigns',
  summary: 'List campaigns with the number of their calls by status',
  params: businessParams,
  query: strict(collectionKeys),
  body: null,
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
  name: 'GetCampaign',
  method: 'GET',
  path: '/business/{businessId}/campaigns/{campaignId}',
  summary: 'Get a campaign',
  params: campaignParams,
  body: null,
  bodyLimit: 0,
  output: Campaign,
  errors: ['NOT_FOUND'],
  examples: { output: campaign },
});
export const putCampaign = op({
  ...calling,
  name: 'PutCampaign',
  method: 'PUT',
  path: '/business/{businessId}/campaigns/{campaignId}',
  summary: 'Create a campaign, or replace its settings',
  description:
    'A key that is left out has its default: not paused, no limits, no windows, no retry. `Windows` and `Retry` hold for its calls that were given none of their own, also for those that wait already. `MaxConcurrent` limits the calls under way, `MaxAttemptsPerNumberPerDay` the attempts on one number in a day of its zone. If the lease of a call ran out and neither its worker nor its conversation showed a sign of life for `AbandonAfterSeconds` (900 by default), its attempt ends with `MidSessionFailure` and its slot is free; the outcome that its conversation or its worker reports later replaces that, and a retry is scheduled only then.',
  params: campaignParams,
  body: PutCampaignBody,
  output: Campaign,
  statuses: [201, 200],
  errors: [],
  examples: {
    body: (({ CampaignId: _id, ...settings }) => settings)(EXAMPLE_CAMPAIGN),
    output: campaign,
  },
});
