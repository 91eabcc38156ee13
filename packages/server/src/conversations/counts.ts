import { type CountDelta, countTable } from '../base/counts.ts';

/** The keys by which conversations are counted. */
export interface CountKeys {
  readonly startTime: number;
  readonly status: string;
  readonly initiationType: string;
  readonly endType: string | null;
}

export const CONVERSATION_COUNTS = countTable({
  name: 'conversation',
  keys: ['status', 'initiation_type', 'end_type'],
  hasTotals: true,
});

/** What a write changes in the counts; empty where the keys stay as they are. */
export function countDeltas(before: CountKeys | null, after: CountKeys | null): CountDelta[] {
  if (before && after && sameKeys(before, after)) return [];
  return [...(before ? [deltaOf(before, -1)] : []), ...(after ? [deltaOf(after, 1)] : [])];
}

const deltaOf = ({ startTime, status, initiationType, endType }: CountKeys, n: number) => ({
  at: startTime,
  keys: [status, initiationType, endType],
  n,
});

function sameKeys(a: CountKeys, b: CountKeys): boolean {
  return (
    a.startTime === b.startTime &&
    a.status === b.status &&
    a.initiationType === b.initiationType &&
    a.endType === b.endType
  );
}
