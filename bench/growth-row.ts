import { checkList, cursorAt, type ListFilter } from './list-filter.ts';
import { compareInRounds, medianOf, ratioOf } from './measured.ts';
import { type BenchSetup, type Business, getConversations } from './setup.ts';
import type { Result } from './table.ts';

const TWO: ListFilter = { SessionStates: ['Completed'], SessionInitiationTypes: ['Outbound'] };
const RANGE = { StartStartedDate: '2025-03-02T08:30:00Z', EndStartedDate: '2025-10-20T17:15:00Z' };

/** Rounds have fewer requests if a request takes far too long. */
const MAX_MILLISECONDS = 3_000;

interface Kind {
  readonly work: string;
  readonly filter: ListFilter;
  readonly deep?: boolean;
}

const KINDS: readonly Kind[] = [
  { work: 'no filter', filter: {} },
  { work: 'state and initiation type', filter: TWO },
  { work: 'state and initiation type, from the middle', filter: TWO, deep: true },
  { work: 'a date range', filter: RANGE },
];

export async function measureGrowth(setup: BenchSetup): Promise<Result[]> {
  const { generator, large, options, server, small } = setup;
  const results: Result[] = [];
  for (const { work, filter, deep } of KINDS) {
    await checkList(setup, large, filter);
    setup.say(`growth: ${work}`);
    const load = (business: Business) => {
      const page = deep ? cursorAt(business, filter, 'middle') : { Filter: filter };
      return generator.ask({
        port: server.port,
        connections: 1,
        source: { kind: 'cycle', requests: [getConversations(business, { Limit: 20, ...page })] },
        until: { requests: options.quick ? 300 : 1_000, milliseconds: MAX_MILLISECONDS },
      });
    };
    const compared = await compareInRounds(
      options.quick ? 3 : 7,
      () => load(large),
      () => load(small),
    );
    const [ours, theirs] = [compared.ours, compared.theirs].map((rounds) =>
      medianOf(rounds, 'p50').toFixed(2),
    );
    results.push({
      work: `GetConversations, 20 of ${large.count}, ${work}`,
      comparedWith: `the same of ${small.count}`,
      measured: `p50 ${ours} : ${theirs} ms`,
      ratio: ratioOf(compared, 'p50'),
      limit: { atMost: 1.3 },
    });
  }
  return results;
}
