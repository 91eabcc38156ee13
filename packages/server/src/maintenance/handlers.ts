import type { OutputOf } from '@colloquy/wire';
import type { Handlers } from '../access/authorization/call.ts';
import { formatInstant } from '../kernel/instant.ts';
import type { BackfillProgress, Backfills } from '../kernel/jobs/backfill.ts';

type Item = OutputOf<'GetBackfills'>['Items'][number];

export function maintenanceHandlers(backfills: Backfills): Handlers<'GetBackfills'> {
  return {
    async GetBackfills({ scope }) {
      const progress = await backfills.progressOf(scope.businessId);
      return { data: { Items: progress.map(toWire) } };
    },
  };
}

function toWire(progress: BackfillProgress): Item {
  return {
    Name: progress.name,
    Status: statusOf(progress),
    RowsDone: progress.rowsDone,
    RowsEstimated: progress.rowsEstimated,
    StartedAt: formatOptional(progress.startedAt),
    FinishedAt: formatOptional(progress.finishedAt),
    RetryAt: formatOptional(progress.retryAt),
    LastError: progress.lastError,
  };
}

function statusOf({ startedAt, finishedAt, failures }: BackfillProgress): Item['Status'] {
  if (finishedAt !== null) return 'Finished';
  if (failures > 0) return 'Retrying';
  return startedAt === null ? 'Waiting' : 'Running';
}

const formatOptional = (at: number | null) => (at === null ? null : formatInstant(at));
