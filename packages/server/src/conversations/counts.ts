import { DURATION_BOUNDS } from '@colloquy/wire';
import { type CountDelta, countTable } from '../base/counts.ts';

/** The keys by which conversations are counted. */
export interface CountKeys {
  readonly startTime: number;
  readonly status: string;
  readonly initiationType: string;
  readonly endType: string | null;
  readonly endTime: number | null;
}

export const CONVERSATION_COUNTS = countTable({
  name: 'conversation',
  keys: ['status', 'initiation_type', 'end_type'],
  hasTotals: true,
  dimensions: `('Status', t.status, t.n, 0), ('InitiationType', t.initiation_type, t.n, 0),
    ('EndType', nullif(t.end_type, ''), t.n, 0),
    ('Duration', t.duration_class::text, t.n, t.milliseconds)`,
  durationBounds: DURATION_BOUNDS.map((seconds) => seconds * 1000),
});

/** What a write changes in the counts; empty where the keys stay as they are. */
export function countDeltas(before: CountKeys | null, after: CountKeys | null): CountDelta[] {
  if (before && after && sameKeys(before, after)) return [];
  return [...(before ? [deltaOf(before, -1)] : []), ...(after ? [deltaOf(after, 1)] : [])];
}

const deltaOf = (
  { startTime, status, initiationType, endType, endTime }: CountKeys,
  n: number,
) => ({
  at: startTime,
  keys: [status, initiationType, endType],
  n,
  duration: endTime === null ? null : endTime - startTime,
});

function sameKeys(a: CountKeys, b: CountKeys): boolean {
  return (
    a.startTime === b.startTime &&
    a.status === b.status &&
    a.initiationType === b.initiationType &&
    a.endType === b.endType &&
    a.endTime === b.endTime
  );
}
