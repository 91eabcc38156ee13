import Type from 'typebox';
import { op } from '../op.ts';
import { maySeeSettings } from '../permissions.ts';
import { businessParams } from '../queues/queue-schemas.ts';
import { nullable, Timestamp } from '../types.ts';

export const BACKFILL_STATUSES = ['Waiting', 'Running', 'Retrying', 'Finished'] as const;

export const getBackfills = op({
  name: 'GetBackfills',
  method: 'GET',
  path: '/business/{businessId}/backfills',
  tag: 'Keeping',
  summary: 'Get the progress of changes to stored rows',
  description:
    'A new release may have to change rows that exist. The server does this after the upgrade, while it serves, one batch of a business after the other. A business created after the upgrade has none.',
  permission: maySeeSettings,
  params: businessParams,
  query: Type.Object({}),
  body: null,
  bodyLimit: 0,
  output: Type.Object({
    Items: Type.Array(
      Type.Object({
        Name: Type.String(),
        Status: Type.Enum([...BACKFILL_STATUSES]),
        RowsDone: Type.Integer(),
        RowsEstimated: nullable(
          Type.Integer({ description: 'As counted at the start; null: not counted' }),
        ),
        StartedAt: nullable(Timestamp),
        FinishedAt: nullable(Timestamp),
        RetryAt: nullable(Timestamp),
        LastError: Type.Union([Type.String(), Type.Null()], {
          description: 'The kind of the error, if the last batch failed; the log has the rest',
        }),
      }),
    ),
  }),
  statuses: [200],
  errors: [],
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
  idempotent: true,
});
