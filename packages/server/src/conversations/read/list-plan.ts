import { END_TYPE, FINAL_STATUSES, INITIATION_TYPE, STATUS } from '@colloquy/wire';
import { classGrain } from '../../counters/counts.ts';
import { coverRange } from '../../counters/cover-range.ts';
import { rowsOfCover } from '../../counters/range-count.ts';
import { timestampText } from '../../kernel/instant.ts';
import type { Position } from '../../kernel/page.ts';

/** Values are sorted and distinct; keys that filter nothing are absent. */
export interface Filter {
  readonly from?: number;
  readonly to?: number;
  readonly statuses?: readonly string[];
  readonly initiationTypes?: readonly string[];
  readonly endTypes?: readonly string[];
  readonly durationClasses?: readonly number[];
}

export interface RowKey {
  /** As PostgreSQL reads it; never parsed here. */
  readonly startTime: string;
  readonly id: string;
}

const PATHS = ['time', 'status', 'end', 'duration', 'only duration'] as const;
/** The index that serves a filter; each returns the rows of a branch in list order. */
export type Path = (typeof PATHS)[number];

/** Each shape has its own prepared statement. */
export interface Shape {
  readonly path: Path;
  readonly direction: Position<RowKey>['direction'];
  /** One branch uses equalities; several are read in parallel and merged. */
  readonly branches: 'one' | 'several';
  /** Whether the date filter covers all counts, whole buckets, or also parts of hours. */
  readonly range: 'all' | 'buckets' | 'edges';
}

export const SHAPES: readonly Shape[] = PATHS.flatMap((path) =>
  (['one', 'several'] as const).flatMap((branches) =>
    (['forward', 'backward'] as const).flatMap((direction) =>
      (['all', 'buckets', 'edges'] as const).map((range) => ({ path, branches, direction, range })),
    ),
  ),
);

interface Branch {
  readonly status: string | null;
  readonly initiation_type: string | null;
  readonly end_type: string | null;
  readonly duration_class: number | null;
}

/** Splits a filter into index ranges. A few more index descents are cheaper than rows that do not match. */
function planBranches(filter: Filter): { path: Path; branches: Branch[] } {
  const { statuses, initiationTypes, durationClasses } = filter;
  if (durationClasses && !statuses && !initiationTypes && !filter.endTypes) {
    const keys = { status: null, initiation_type: null, end_type: null };
    const branches = durationClasses.map((duration_class) => ({ ...keys, duration_class }));
    return { path: 'only duration', branches };
  }
  const endTypes = filter.endTypes ?? (durationClasses && END_TYPE.names);
  if (!statuses && !initiationTypes && !endTypes) return { path: 'time', branches: [] };
  const isAllowed = (status: string) =>
    !endTypes || FINAL_STATUSES.some((final) => final === status);
  const branches = (durationClasses ?? [null]).flatMap((duration_class) =>
    (endTypes ?? [null]).flatMap((end_type) =>
      (initiationTypes ?? INITIATION_TYPE.names).flatMap((initiation_type) =>
        (statuses ?? STATUS.names)
          .filter(isAllowed)
          .map((status) => ({ status, initiation_type, end_type, duration_class })),
      ),
    ),
  );
  return { path: durationClasses ? 'duration' : endTypes ? 'end' : 'status', branches };
}

export function planPage(filter: Filter, { beside, direction, limit }: Position<RowKey>) {
  const { path, branches } = planBranches(filter);
  const from = filter.from ?? -Infinity;
  const to = filter.to === undefined ? Infinity : filter.to + 1;
  const { buckets, hours, edges } = rowsOfCover(coverRange(from, to));
  const forward = direction === 'forward';
  // Class counts have several grains, also over all time.
  const isAll = buckets[0]?.grain === 'all' && !filter.durationClasses;
  const only = branches.length === 1 ? branches[0] : undefined;
  const shape: Shape = {
    path,
    direction,
    branches: only ? 'one' : 'several',
    range: edges.length > 0 ? 'edges' : isAll ? 'all' : 'buckets',
  };
  const request = {
    lo: !forward && beside ? beside.startTime : timestampText(forward ? from : from - 1),
    hi: forward && beside ? beside.startTime : timestampText(to),
    // Without a cursor, these extremes turn both bounds into plain date bounds.
    beside: beside ? beside.id : forward ? FIRST_ID : LAST_ID,
    row_limit: limit,
    status: only?.status ?? filter.statuses?.join() ?? null,
    initiation_type: only?.initiation_type ?? filter.initiationTypes?.join() ?? null,
    end_type: only?.end_type ?? filter.endTypes?.join() ?? null,
    hour_lo: hours.lo,
    hour_hi: hours.hi,
    duration_class: filter.durationClasses?.join() ?? null,
  };
  // Without a key filter, a bucket has one row for all values.
  const grainsOf = (grain: string): readonly string[] =>
    filter.durationClasses?.map((of) => classGrain(grain, of)) ??
    (path === 'time' ? [`${grain} total`] : [grain]);
  const grains = buckets.flatMap((row) => grainsOf(row.grain).map((grain) => ({ ...row, grain })));
  return { shape, rows: { request, branches, buckets: grains, edges } };
}

/** They sort before and after every id: ids are not empty and are ASCII. */
const FIRST_ID = '';
const LAST_ID = '\u007f';
