import { isMasked, type Scope } from '../../access/authorization/scope.ts';
import { coverRange } from '../../counters/cover-range.ts';
import { rowsOfCover } from '../../counters/range-count.ts';
import { timestampText } from '../../kernel/instant.ts';
import type { Position } from '../../kernel/page.ts';
import type { Clock, Direction } from '../calls/call.ts';

/** Values are sorted and distinct, instants inclusive; a key that filters nothing is absent. */
export interface Filter {
  readonly createdFrom?: number;
  readonly createdTo?: number;
  readonly completedFrom?: number;
  readonly completedTo?: number;
  readonly scheduledFrom?: number;
  readonly scheduledTo?: number;
  readonly statuses?: readonly string[];
  readonly groups?: readonly string[];
  readonly numberIds?: readonly string[];
  readonly providers?: readonly string[];
  readonly numbers?: readonly string[];
  /** Calls that could be leased now, at most the first 10,000. */
  readonly isDue?: true;
}

export interface CallKey {
  readonly enqueuedAt: number;
  readonly id: string;
}

/** `time` and `keys` are read in the order of the list, `completed` and `scheduled` day by day. */
export type Path = 'time' | 'keys' | 'completed' | 'scheduled' | LookedUp;
export type LookedUp = 'number' | 'due' | 'due-as-masked';
export const isLookedUp = (path: Path): path is LookedUp =>
  path === 'number' || path === 'due' || path === 'due-as-masked';

export interface Shape {
  readonly direction: Direction;
  readonly path: Path;
  /** The table of counts has the total, because at most one range of dates filters. */
  readonly isCounted: boolean;
}

const PATHS: Readonly<Record<Direction, readonly Path[]>> = {
  outbound: ['time', 'keys', 'completed', 'scheduled', 'number', 'due', 'due-as-masked'],
  inbound: ['time', 'keys', 'completed', 'number', 'due'],
};
export const SHAPES: readonly Shape[] = (['outbound', 'inbound'] as const).flatMap((direction) =>
  PATHS[direction].flatMap((path) => [
    ...(isLookedUp(path) ? [] : [{ direction, path, isCounted: true }]),
    ...(path === 'time' || path === 'keys' ? [] : [{ direction, path, isCounted: false }]),
  ]),
);

export const CLOCK_OF = {
  time: 'enqueued',
  keys: 'enqueued',
  completed: 'completed',
  scheduled: 'scheduled',
  number: 'enqueued',
  due: 'enqueued',
  'due-as-masked': 'enqueued',
} as const satisfies Record<Path, Clock>;

interface Range {
  readonly from: number;
  readonly to: number;
}

const endOf = (inclusive: number | undefined) =>
  inclusive === undefined ? Number.POSITIVE_INFINITY : inclusive + 1;
const ALWAYS: Range = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY };

function rangesOf(filter: Filter): Partial<Record<Clock, Range>> {
  const range = (clock: Clock, first: number | undefined, last: number | undefined) =>
    first === undefined && last === undefined
      ? {}
      : { [clock]: { from: first ?? Number.NEGATIVE_INFINITY, to: endOf(last) } };
  return {
    ...range('enqueued', filter.createdFrom, filter.createdTo),
    ...range('completed', filter.completedFrom, filter.completedTo),
    ...range('scheduled', filter.scheduledFrom, filter.scheduledTo),
  };
}

export function chooseShape(scope: Scope, direction: Direction, filter: Filter): Shape {
  if (filter.isDue) {
    const isConcealing = direction === 'outbound' && isMasked(scope);
    return { direction, path: isConcealing ? 'due-as-masked' : 'due', isCounted: false };
  }
  if (filter.numbers) return { direction, path: 'number', isCounted: false };
  const ranges = rangesOf(filter);
  const isCounted = Object.keys(ranges).length < 2;
  if (ranges.completed) return { direction, path: 'completed', isCounted };
  if (ranges.scheduled) return { direction, path: 'scheduled', isCounted };
  const { groups, statuses, numberIds, providers } = filter;
  const path = groups || statuses || numberIds || providers ? 'keys' : 'time';
  return { direction, path, isCounted };
}

const timeOf = (instant: number | undefined) =>
  instant === undefined ? null : timestampText(instant);

export function countValues(scope: Scope, { path }: Shape, filter: Filter, now: number) {
  const ranges = rangesOf(filter);
  const { enqueued = ALWAYS, completed, scheduled } = ranges;
  const counted = ranges[CLOCK_OF[path]] ?? ALWAYS;
  const { buckets, hours, edges } = rowsOfCover(coverRange(counted.from, counted.to));
  return {
    businessId: scope.businessId,
    enqueuedFrom: timeOf(enqueued.from),
    enqueuedTo: timeOf(enqueued.to),
    groups: filter.groups ?? null,
    statuses: filter.statuses ?? null,
    numberIds: filter.numberIds ?? null,
    providers: filter.providers ?? null,
    buckets,
    hoursFrom: hours.lo,
    hoursTo: hours.hi,
    edges,
    completedFrom: timeOf(completed?.from),
    completedTo: timeOf(completed?.to),
    scheduledFrom: timeOf(scheduled?.from),
    scheduledTo: timeOf(scheduled?.to),
    numbers: filter.numbers ?? null,
    now: timestampText(now),
  };
}

/** Ids are neither empty nor contain non-ASCII characters. */
const FIRST_ID = '';
const LAST_ID = '\u007f';

export function positionValues(
  { createdFrom, createdTo }: Filter,
  { direction, beside, limit }: Position<CallKey>,
) {
  const forward = direction === 'forward';
  const start = forward ? endOf(createdTo) : (createdFrom ?? Number.NEGATIVE_INFINITY) - 1;
  return {
    besideTime: timestampText(beside?.enqueuedAt ?? start),
    besideId: beside?.id ?? (forward ? FIRST_ID : LAST_ID),
    limit,
  };
}
