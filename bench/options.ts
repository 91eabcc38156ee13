import { parseArgs } from 'node:util';

export const ROWS = [
  'document',
  'list',
  'growth',
  'filters',
  'analytics',
  'console',
  'append',
  'retention',
  'enqueue',
  'lease',
  'lease-growth',
  'waiting',
  'presigning',
  'outage',
  'sign-in',
  'isolation',
  'memory',
  'live',
  'cluster',
  'citus',
] as const;
export type RowName = (typeof ROWS)[number];

export interface Options {
  readonly quick: boolean;
  readonly only: ReadonlySet<RowName>;
  readonly json: string | null;
  readonly writeResults: boolean;
  readonly profile: string | null;
  /** A commit to compare this build with, instead of the rows. */
  readonly against: string | null;
  /** Skips VACUUM ANALYZE after loading: no statistics, no all-visible pages. */
  readonly stale: boolean;
  /** Conversations, or waiting calls, of the large business. */
  readonly large: number;
}

export const USAGE = `npm run bench -- [options]
  --quick           small data and few requests, about three minutes; targets are shown, not enforced
  --only ROW        only this row (may be repeated): ${ROWS.join(', ')}
  --json FILE       the results as JSON
  --write-results   writes bench/RESULTS.md
  --rows N          conversations or calls of the large business (1000000; 100000 with --quick)
  --against COMMIT  runs the build of a commit and this build in turns, instead of the rows
  --stale           without statistics and without VACUUM after loading
  --profile FOLDER  writes a CPU profile of the server there`;

export function readOptions(args: string[]): Options | 'help' {
  const { values } = parseArgs({
    args,
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [] },
      json: { type: 'string' },
      'write-results': { type: 'boolean', default: false },
      against: { type: 'string' },
      profile: { type: 'string' },
      stale: { type: 'boolean', default: false },
      rows: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const only = values.only.length === 0 ? ROWS : values.only.map(rowName);
  return {
    quick: values.quick,
    only: new Set(only),
    json: values.json ?? null,
    writeResults: values['write-results'],
    profile: values.profile ?? null,
    against: values.against ?? null,
    stale: values.stale,
    large: Number(values.rows ?? (values.quick ? 100_000 : 1_000_000)),
  };
}

function rowName(name: string): RowName {
  const row = ROWS.find((known) => known === name);
  if (!row) throw new Error(`There is no row ${name}; give one of ${ROWS.join(', ')}.`);
  return row;
}
