import Type from 'typebox';
import { maybe, nullable, ShownId, strict, Timestamp } from '../types.ts';
import { names } from './queue-schemas.ts';

export const MAX_SIMULATED = 10_000;
export const SimulateBody = strict({
  Hours: maybe(Type.Integer({ minimum: 1, maximum: 168, default: 24 })),
  CampaignIds: names('id'),
  CallSeconds: maybe(
    Type.Integer({
      minimum: 1,
      maximum: 7_200,
      default: 120,
      description: 'How long a call is taken to last, where `MaxConcurrent` limits them',
    }),
  ),
  MaxCalls: maybe(
    Type.Integer({
      minimum: 0,
      maximum: MAX_SIMULATED,
      default: MAX_SIMULATED,
      description: 'How many of the calls are named in `Calls`; all of them are counted',
    }),
  ),
});
export const Simulation = Type.Object({
  From: Timestamp,
  Until: Timestamp,
  Dialed: Type.Integer(),
  NotDialed: Type.Integer(),
  Hours: Type.Array(Type.Object({ At: Timestamp, Dialed: Type.Integer() }), {
    description: 'How many in each hour from `From` on',
  }),
  Waiting: Type.Array(
    Type.Object({
      Reason: Type.Union([Type.String(), Type.Null()], {
        description: 'As in `Calls`; null: nothing, these are due',
      }),
      Calls: Type.Integer(),
    }),
    { description: 'How many wait for what at `From`, the most first' },
  ),
  Calls: Type.Array(
    Type.Object({
      QueueId: ShownId,
      CampaignId: nullable(ShownId),
      RecipientNumber: Type.String(),
      At: nullable(Timestamp),
      Reason: Type.Union([Type.String(), Type.Null()], {
        description:
          'Why it is not dialed, or what it waits for before: a reason of `HeldBack`, `EXPIRES` or `LATER`',
      }),
    }),
    { description: 'Those that are dialed first, in the order of their time' },
  ),
  Occupied: Type.Array(
    Type.Object({
      CampaignId: ShownId,
      MaxConcurrent: Type.Integer(),
      OccupiedBy: Type.Array(ShownId, {
        description: 'The `QueueId` of up to 10 calls under way, the oldest first',
      }),
    }),
    {
      description: 'Campaigns in which calls wait and all slots are occupied at `From`; up to 100',
    },
  ),
  IsComplete: Type.Boolean({ description: 'False where more calls wait than were looked at' }),
});
