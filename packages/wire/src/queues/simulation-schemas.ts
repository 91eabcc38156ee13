import Type from 'typebox';
import { about, count, maybe, nullable, ShownId, strict, Timestamp } from '../types.ts';
import { ids } from './filter-schemas.ts';

export const MAX_SIMULATED = 10_000;
export const SimulateBody = strict({
  Hours: maybe(
    Type.Integer({ minimum: 1, maximum: 168, default: 24 }),
    'How many hours to simulate, starting now',
  ),
  CampaignIds: ids('Only calls of these campaigns; all calls by default'),
  CallSeconds: maybe(
    Type.Integer({ minimum: 1, maximum: 7_200, default: 120 }),
    'The assumed duration of a call, which matters if `MaxConcurrent` limits the calls in progress',
  ),
  MaxCalls: maybe(
    Type.Integer({ minimum: 0, maximum: MAX_SIMULATED, default: MAX_SIMULATED }),
    'The maximum number of calls in `Calls`; all calls are counted',
  ),
});
export const Simulation = Type.Object({
  From: about(Timestamp, 'The start of the simulated time'),
  Until: about(Timestamp, 'The end of the simulated time'),
  Dialed: count('The number of calls that would be made'),
  NotDialed: count('The number of calls that would not be made in this time'),
  Hours: Type.Array(
    Type.Object({
      At: about(Timestamp, 'The start of the hour'),
      Dialed: count('The number of calls that would be made in this hour'),
    }),
    { description: 'The number of calls in each hour from `From` on' },
  ),
  Waiting: Type.Array(
    Type.Object({
      Reason: nullable(Type.String(), 'The reason, as in `Calls`; null: the calls are due'),
      Calls: count('The number of calls that wait for this reason'),
    }),
    { description: 'Why calls wait at `From`, the most frequent reason first' },
  ),
  Calls: Type.Array(
    Type.Object({
      QueueId: about(ShownId, 'The id of the call in the queue'),
      CampaignId: nullable(ShownId, 'The campaign of the call; null if it has none'),
      RecipientNumber: Type.String({ description: 'The number to call, in E.164' }),
      At: nullable(Timestamp, 'When the call would be made; null if it would not be made'),
      Reason: nullable(
        Type.String(),
        'Why the call would not be made, or what it would wait for: a reason of `HeldBack`, `EXPIRES` or `LATER`; null: nothing',
      ),
    }),
    { description: 'The calls in the order in which they would be made' },
  ),
  Occupied: Type.Array(
    Type.Object({
      CampaignId: about(ShownId, 'The id of the campaign'),
      MaxConcurrent: Type.Integer({ description: 'The number of its slots' }),
      OccupiedBy: Type.Array(ShownId, {
        description: 'The `QueueId` of up to 10 calls in progress, the oldest first',
      }),
    }),
    {
      description: 'Up to 100 campaigns in which calls wait and all slots are occupied at `From`',
    },
  ),
  IsComplete: Type.Boolean({
    description: 'False if more calls wait than the simulation considered',
  }),
});
