import { DURATION_CLASSES, END_TYPE, INITIATION_TYPE, STATUS } from '@colloquy/wire';
import { type CountDelta, classOf, countTable } from '../../counters/counts.ts';
import type { Header } from './conversation.ts';

const KEYS = ['startTime', 'status', 'initiationType', 'endType', 'endTime'] as const;

export type CountKeys = Pick<Header, (typeof KEYS)[number]>;

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

export const durationClass = ({ startTime, endTime }: Pick<CountKeys, 'startTime' | 'endTime'>) =>
  endTime === null ? null : classOf(BOUNDS, endTime - startTime);

export const CONVERSATION_COUNTS = countTable({
  name: 'conversation',
  keys: ['status', 'initiation_type', 'end_type'],
  hasTotals: true,
  figures: Object.values(CONVERSATION_FIGURES).flat(),
  durationBounds: BOUNDS,
});

export function countDeltas(before: CountKeys | null, after: CountKeys | null): CountDelta[] {
  if (before && after && KEYS.every((key) => before[key] === after[key])) return [];
  return [...(before ? [deltaOf(before, -1)] : []), ...(after ? [deltaOf(after, 1)] : [])];
}

const deltaOf = (of: CountKeys, n: number): CountDelta => ({
  at: of.startTime,
  keys: [of.status, of.initiationType, of.endType],
  n,
  duration: of.endTime === null ? null : of.endTime - of.startTime,
});
