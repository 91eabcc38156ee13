import Type from 'typebox';
import { HoldFilter } from '../conversations/conversations.ts';
import { ADDS, CHANGES, op, READS } from '../op.ts';
import { collection, collectionKeys } from '../page.ts';
import { businessParams, inBusiness, parameter } from '../parameters.ts';
import { mayChangeSettings, maySeeSettings } from '../permissions.ts';
import {
  about,
  Id,
  maybe,
  Name,
  nullable,
  ShownId,
  ShownText,
  strict,
  Timestamp,
} from '../types.ts';

export const Hold = Type.Object(
  {
    HoldId: Type.String({ description: 'The id of the hold' }),
    Name: about(ShownText, 'The name of the hold'),
    Reason: about(ShownText, 'The reason for the hold'),
    Filter: nullable(HoldFilter, 'Which conversations are held; null if they are held by id'),
    Named: nullable(
      Type.Object({
        Count: Type.Integer({ description: 'The number of conversations' }),
        SessionIds: Type.Array(ShownId, { description: 'The ids of the first 20 of them' }),
      }),
      'The conversations that are held by id; null if they are held by a filter, or if the hold was lifted',
    ),
    CreatedAt: about(Timestamp, 'When the hold was created'),
    CreatedBy: Type.String({ description: 'The `UserId` of the user who created the hold' }),
    LiftedAt: nullable(Timestamp, 'When the hold was lifted; null while it is in force'),
    LiftedBy: nullable(
      Type.String(),
      'The `UserId` of the user who lifted the hold; null while it is in force',
    ),
  },
  { title: 'Hold', description: 'A legal hold, which protects conversations from deletion' },
);

const EXAMPLE_HOLD = {
  HoldId: 'hold_01k0n5wq7mfd3c8v2t1b9xz4ae',
  Name: 'Case 2026-17',
  Reason: 'Asked for by counsel on March 2.',
  Filter: { StartStartedDate: '2026-01-01T00:00:00Z', SessionEndTypes: ['Transferred'] },
  Named: null,
  CreatedAt: '2026-03-02T09:15:00Z',
  CreatedBy: 'user_01j9z6v3k8q4w2e5r7t9y1m3n5',
  LiftedAt: null,
  LiftedBy: null,
};

const holdParams = inBusiness({ holdId: parameter(Id, 'The id of the hold', EXAMPLE_HOLD.HoldId) });
const holds = { tag: 'Keeping' } as const;

export const createHold = op({
  ...holds,
  ...ADDS,
  name: 'CreateHold',
  method: 'POST',
  path: '/business/{businessId}/holds',
  title: 'Create a legal hold',
  summary: 'Put conversations under legal hold',
  description: `Send \`SessionIds\`, or a \`Filter\` with keys of the filter of \`GetConversations\`. A filter also holds conversations that match it later. It can name only the states \`Completed\` and \`Failed\`, since conversations leave all others; without states it holds conversations in every state.

Under hold, existing data is neither changed nor deleted: by retention, erasures, \`DeleteConversation\`, or a \`PutConversation\` or \`PutRecording\` that replaces something. Events of a conversation in progress are still accepted.`,
  permission: mayChangeSettings,
  params: businessParams,
  body: strict({
    Name: about(Name, 'A name for the hold'),
    Reason: about(Name, 'The reason for the hold'),
    SessionIds: maybe(
      Type.Array(Id, { minItems: 1, maxItems: 1000 }),
      'The ids of the conversations to hold; not together with `Filter`',
    ),
    Filter: maybe(HoldFilter, 'Which conversations to hold; not together with `SessionIds`'),
  }),
  output: Type.Object({
    HoldId: Type.String({ description: 'The id of the hold' }),
    Held: Type.Integer({ description: 'The number of conversations that it holds now' }),
  }),
  statuses: [201],
  errors: ['NOT_FOUND', 'CONFLICT'],
  examples: {
    body: { Name: EXAMPLE_HOLD.Name, Reason: EXAMPLE_HOLD.Reason, SessionIds: ['session_abc123'] },
    output: { HoldId: EXAMPLE_HOLD.HoldId, Held: 1 },
  },
});

export const getHolds = op({
  ...holds,
  ...READS,
  name: 'GetHolds',
  method: 'GET',
  path: '/business/{businessId}/holds',
  title: 'List legal holds',
  summary: 'List legal holds, including lifted ones',
  description: 'The order is by creation time.',
  permission: maySeeSettings,
  params: businessParams,
  query: Type.Object(collectionKeys),
  output: collection(Hold),
  errors: ['INVALID_CURSOR'],
  examples: { output: { Items: [EXAMPLE_HOLD], NextCursor: null } },
});

export const getHold = op({
  ...holds,
  ...READS,
  name: 'GetHold',
  method: 'GET',
  path: '/business/{businessId}/holds/{holdId}',
  summary: 'Get a legal hold',
  description: 'The answer shows what the hold covers, who created it, and whether it was lifted.',
  permission: maySeeSettings,
  params: holdParams,
  output: Hold,
  errors: ['NOT_FOUND'],
  examples: { output: EXAMPLE_HOLD },
});

export const liftHold = op({
  ...holds,
  ...CHANGES,
  name: 'LiftHold',
  method: 'DELETE',
  path: '/business/{businessId}/holds/{holdId}',
  summary: 'Lift a legal hold',
  description:
    'Data whose retention period has ended in the meantime is deleted within minutes. Lifting a hold again changes nothing.',
  permission: mayChangeSettings,
  params: holdParams,
  output: Hold,
  errors: ['NOT_FOUND'],
  examples: {
    output: { ...EXAMPLE_HOLD, LiftedAt: '2026-06-01T08:00:00Z', LiftedBy: EXAMPLE_HOLD.CreatedBy },
  },
});
