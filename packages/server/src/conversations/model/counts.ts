import { DURATION_CLASSES, END_TYPE, INITIATION_TYPE, STATUS } from '@colloquy/wire';
import { type CountDelta, classOf, countTable } from '../../counters/counts.ts';

export interface CountKeys {
  readonly startTime: number;
  readonly status: string;
  readonly initiationType: string;
  readonly endType: string | null;
  readonly endTime: number | null;
}

const snake = (name: string) => name.replaceAll(/(?<=.)[A-Z]/g, '_$&').toLowerCase();

function columnsOf<Name extends string>(key: string, names: readonly Name[]) {
  return names.map((value) => ({
    value,
    name: `${key}_${snake(value)}`,
    where: `t.${key} = '${value}'`,
    of: 'n' as const,
  }));
}

export const CONVERSATION_FIGURES = {
  statuses: columnsOf('status', STATUS.names),
  initiationTypes: columnsOf('initiation_type', INITIATION_TYPE.names),
  endTypes: columnsOf('end_type', END_TYPE.names),
  /** Lower bounds in seconds. */
  durations: DURATION_CLASSES.map((value, index) => ({
    value,
    name: `duration_from_${value}`,
    where: `t.duration_class = ${index}`,
    of: 'n' as const,
  })),
  milliseconds: {
    name: 'milliseconds',
    where: 't.milliseconds IS NOT NULL',
    of: 'milliseconds' as const,
  },
};

const [, ...BOUNDS] = DURATION_CLASSES.map((seconds) => seconds * 1000);

/** The number of the duration class; null while the conversation is live. */
export const durationClass = ({ startTime, endTime }: Pick<CountKeys, 'startTime' | 'endTime'>) =>
  endTime === null ? null : classOf(BOUNDS, endTime - startTime);

export const CONVERSATION_COUNTS = countTable({
  name: 'conversation',
  keys: ['status', 'initiation_type', 'end_type'],
  hasTotals: true,
  figures: Object.values(CONVERSATION_FIGURES).flat(),
  durationBounds: BOUNDS,
});

/** Count changes of a write; empty if the keys stay the same. */
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
