import Type from 'typebox';
import { op, READS } from '../op.ts';
import { businessParams } from '../parameters.ts';
import { maySeeSettings } from '../permissions.ts';
import { nullable, Timestamp } from '../types.ts';

export const BACKFILL_STATUSES = ['Waiting', 'Running', 'Retrying', 'Finished'] as const;

export const getBackfills = op({
  ...READS,
  name: 'GetBackfills',
  method: 'GET',
  path: '/business/{businessId}/backfills',
  tag: 'Keeping',
  summary: 'Get the progress of backfills',
  description:
    'A new release may have to rewrite existing rows. The server does this after the upgrade, in small batches and while it serves requests. A business that was created after the upgrade has no backfills.',
  permission: maySeeSettings,
  params: businessParams,
  output: Type.Object({
    Items: Type.Array(
      Type.Object({
        Name: Type.String({ description: 'The name of the backfill' }),
        Status: Type.Enum([...BACKFILL_STATUSES], { description: 'The state of the backfill' }),
        RowsDone: Type.Integer({ description: 'The number of rows that were rewritten' }),
        RowsEstimated: nullable(
          Type.Integer(),
          'The number of rows as counted at the start; null if they were not counted',
        ),
        StartedAt: nullable(Timestamp, 'When the backfill started; null before that'),
        FinishedAt: nullable(Timestamp, 'When the backfill finished; null before that'),
        RetryAt: nullable(
          Timestamp,
          'When a failed batch is retried; null if the last batch succeeded',
        ),
        LastError: nullable(
          Type.String(),
          'The kind of the error if the last batch failed; the log of the server has the details',
        ),
      }),
      { description: 'The backfills of the business' },
    ),
  }),
  examples: {
    output: {
      Items: [
        {
          Name: 'search-for-spans',
          Status: 'Running',
          RowsDone: 1200,
          RowsEstimated: 48_000,
          StartedAt: '2026-03-02T09:15:00Z',
          FinishedAt: null,
          RetryAt: null,
          LastError: null,
        },
      ],
    },
  },
});
