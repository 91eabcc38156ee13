import type { Backfill } from './backfill.ts';
import type { MinuteJobs, NamedJobs } from './jobs.ts';

export interface RoomJobs {
  readonly minute: MinuteJobs;
  readonly named?: NamedJobs;
  readonly backfills?: readonly Backfill[];
}
