import { FILTERS } from './filters.ts';
import { checkList, cursorAt, type ListFilter } from './list-filter.ts';
import { compareInRounds, medianOf, ratioOf } from './measured.ts';
import { type BenchSetup, getConversations } from './setup.ts';
import { alignTable, type Result } from './table.ts';

/** Rounds have fewer requests if a request takes far too long. */
const MAX_MILLISECONDS = 3_000;

interface FilterPage {
  readonly name: string;
  readonly matches: number;
  readonly page: string;
  readonly p50: number;
  readonly p99: number;
  readonly ratio: number;
}

export interface FilterResults {
  readonly results: Result[];
  readonly detail: string;
}

/** Every filter and pair of filters at three positions of its list, compared with the unfiltered list. */
export async function measureFilters(setup: BenchSetup): Promise<FilterResults> {
  const { large } = setup;
  const measured: FilterPage[] = [];
  for (const [name, filter] of Object.entries(FILTERS)) {
    setup.say(`filters: ${name}`);
    const matches = await checkList(setup, large, filter);
    for (const [page, body] of await pagesOf(setup, filter)) {
      const { p50, p99, ratio } = await measurePage(setup, body);
      measured.push({ name, matches, page, p50, p99, ratio });
    }
  }
  const byRatio = measured.toSorted((a, b) => b.ratio - a.ratio);
  const slowest = byRatio[0];
  const latest = measured.toSorted((a, b) => b.p99 - a.p99)[0];
  if (!slowest || !latest) throw new Error('no filter was measured');
  const lines = measured.map(({ name, matches, page, p50, p99, ratio }) => {
    const numbers = [p50.toFixed(2), p99.toFixed(2), ratio.toFixed(2)];
    return [name, String(matches), page, ...numbers];
  });
  const what = ({ name, page }: FilterPage) => `${name} (${page})`;
  return {
    results: [
      {
        work: `GetConversations, 20 of ${large.count}, each filter and pair of filters`,
        comparedWith: 'the unfiltered first page',
        measured: `slowest p50 ${slowest.p50.toFixed(2)} ms: ${what(slowest)}`,
        ratio: slowest.ratio,
        limit: { atMost: 3 },
      },
      {
        work: '… their p99',
        comparedWith: '',
        measured: `slowest: ${what(latest)}`,
        ratio: latest.p99,
        limit: { atMost: 20 },
        unit: 'ms',
      },
    ],
    detail: alignTable([
      ['filter', 'matches', 'page', 'p50 ms', 'p99 ms', 'p50 to unfiltered'],
      ...lines,
    ]),
  };
}

/** The bodies of the requests for the first page, a middle page and the last but one. */
async function pagesOf(
  setup: BenchSetup,
  filter: ListFilter,
): Promise<(readonly [string, object])[]> {
  const { api, large } = setup;
  const last = cursorAt(large, filter, 'end');
  const input = { businessId: large.businessId, Limit: 20, ...last };
  const { PreviousCursor } = await api.getConversations(input);
  return [
    ['first', { Filter: filter }],
    ['middle', cursorAt(large, filter, 'middle')],
    ['last', last],
    ...(PreviousCursor === null ? [] : [['before last', { PreviousCursor }] as const]),
  ];
}

async function measurePage(setup: BenchSetup, body: object) {
  const { generator, large, options, server } = setup;
  const load = (page: object, requests: number) =>
    generator.ask({
      port: server.port,
      connections: 1,
      source: { kind: 'cycle', requests: [getConversations(large, { Limit: 20, ...page })] },
      until: { requests, milliseconds: MAX_MILLISECONDS },
    });
  // 2,000 requests with the warm-up rounds, in turns with the unfiltered list.
  const [rounds, each] = options.quick ? [1, 60] : [3, 400];
  const compared = await compareInRounds(
    rounds,
    () => load(body, each),
    () => load({}, each / 4),
  );
  return {
    p50: medianOf(compared.ours, 'p50'),
    p99: medianOf(compared.ours, 'p99'),
    ratio: ratioOf(compared, 'p50'),
  };
}
