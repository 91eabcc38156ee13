import Type from 'typebox';
import { HoldFilter } from '../conversations/conversations.ts';
import { MEBIBYTE, op } from '../op.ts';
import { collection, collectionKeys } from '../page.ts';
import { mayChangeSettings, maySeeSettings } from '../permissions.ts';
import { businessParams } from '../queues/queue-schemas.ts';
import {
  BusinessId,
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
    HoldId: Type.String(),
    Name: ShownText,
    Reason: ShownText,
    Filter: nullable(HoldFilter),
    Named: nullable(
      Type.Object(
        {
          Count: Type.Integer(),
          SessionIds: Type.Array(ShownId, { description: 'The first 20 of them' }),
        },
        { description: 'What it holds by id; null: it holds by a filter, or is lifted' },
      ),
    ),
    CreatedAt: Timestamp,
    CreatedBy: Type.String({ description: 'The UserId of whoever made it' }),
    LiftedAt: nullable(Timestamp),
    LiftedBy: nullable(Type.String()),
  },
  { title: 'Hold' },
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

const holdParams = Type.Object({ businessId: BusinessId, holdId: Id });
const holds = {
  tag: 'Keeping',
  query: Type.Object({}),
  statuses: [200],
  idempotent: true,
} as const;

export const createHold = op({
  ...holds,
  name: 'CreateHold',
  method: 'POST',
  path: '/business/{businessId}/holds',
  summary: 'Put conversations under legal hold',
  description:
    'Give `SessionIds`, or a `Filter` of keys that `GetConversations` has too, which holds what comes to match later too. Under hold nothing that is there changes or goes: retention, erasures, `DeleteConversation`, a replacing `PutConversation` or `PutRecording`. Events of a live call are still taken. `Held` counts the conversations that are held by it now. Of states a filter can name `Completed` and `Failed` only, since conversations pass out of the others; without states it holds them in every one.',
  permission: mayChangeSettings,
  params: businessParams,
  body: strict({
    Name,
    Reason: Name,
    SessionIds: maybe(Type.Array(Id, { minItems: 1, maxItems: 1000 })),
    Filter: maybe(HoldFilter),
  }),
  bodyLimit: MEBIBYTE,
  output: Type.Object({ HoldId: Type.String(), Held: Type.Integer() }),
  statuses: [201],
  errors: ['NOT_FOUND', 'CONFLICT'],
  examples: {
    body: {
      Name: EXAMPLE_HOLD.Name,
      Reason: EXAMPLE_HOLD.Reason,
      SessionIds: ['session_abc123'],
    },
    output: { HoldId: EXAMPLE_HOLD.HoldId, Held: 1 },
  },
  idempotent: false,
});

export const getHolds = op({
  ...holds,
  name: 'GetHolds',
  method: 'GET',
  path: '/business/{businessId}/holds',
  summary: 'List legal holds, those that were lifted too',
  permission: maySeeSettings,
  params: businessParams,
  query: Type.Object(collectionKeys),
  body: null,
  bodyLimit: 0,
  output: collection(Hold),
  errors: ['INVALID_CURSOR'],
  examples: { output: { Items: [EXAMPLE_HOLD], NextCursor: null } },
});

export const getHold = op({
  ...holds,
  name: 'GetHold',
  method: 'GET',
  path: '/business/{businessId}/holds/{holdId}',
  summary: 'Get a legal hold',
  permission: maySeeSettings,
  params: holdParams,
  body: null,
  bodyLimit: 0,
  output: Hold,
  errors: ['NOT_FOUND'],
  examples: { output: EXAMPLE_HOLD },
});

export const liftHold = op({
  ...holds,
  name: 'LiftHold',
  method: 'DELETE',
  path: '/business/{businessId}/holds/{holdId}',
  summary: 'Lift a legal hold',
  description: 'What has run out meanwhile goes within minutes. Lifting it again changes nothing.',
  permission: mayChangeSettings,
  params: holdParams,
  body: null,
  bodyLimit: 0,
  output: Hold,
  errors: ['NOT_FOUND'],
  examples: {
    output: { ...EXAMPLE_HOLD, LiftedAt: '2026-06-01T08:00:00Z', LiftedBy: EXAMPLE_HOLD.CreatedBy },
  },
});
