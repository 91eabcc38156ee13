import { CAMPAIGNS, loadCalls, PRIORITIES } from './many-calls.ts';
import { withoutIndexes } from './many-conversations.ts';
import { compareInRounds, medianOf, ratioOf } from './measured.ts';
import { checkCalls, leaseCall, newBusiness, reportOf } from './queued-calls.ts';
import type { BenchSetup, Business } from './setup.ts';
import type { Result } from './table.ts';

const FEW = 1_000;
const MAX_MILLISECONDS = 10_000;
/** A high limit, because each lease of a call is followed by a failed attempt. */
const RETRY = { MaxAttempts: 100, On: [], DelaySeconds: 0 };

export async function measureLeaseGrowth(setup: BenchSetup): Promise<Result[]> {
  const { api, database, generator, options, server } = setup;
  const many = await newBusiness(setup, 'Many calls', options.large);
  const few = await newBusiness(setup, 'Few calls', FEW);
  setup.say(`lease-growth: loading ${many.count} and ${few.count} calls`);
  const { sql } = database;
  const withIndexes = await withoutIndexes(sql, 'outbound_calls');
  for (const { businessId, count } of [many, few]) {
    for (let number = 0; number < CAMPAIGNS; number += 1) {
      await api.putCampaign({ businessId, campaignId: `campaign_${number}`, Retry: RETRY });
    }
    await loadCalls(sql, businessId, count);
  }
  await withIndexes[Symbol.asyncDispose]();
  if (!options.stale) {
    await sql.query('VACUUM (ANALYZE) outbound_calls, outbound_decisions, outbound_counts');
  }
  await sql.query('CHECKPOINT');
  await checkCalls(setup, many, 'Queued', many.count);
  setup.say(`lease-growth: ${CAMPAIGNS} campaigns, ${PRIORITIES} priorities`);
  const lease = (business: Business) =>
    generator.ask({
      port: server.port,
      connections: 1,
      source: {
        kind: 'work',
        lease: leaseCall(business),
        report: reportOf(business, 'giveBack'),
        timed: 'lease',
      },
      until: { requests: options.quick ? 200 : 500, milliseconds: MAX_MILLISECONDS },
    });
  const compared = await compareInRounds(
    options.quick ? 3 : 7,
    () => lease(many),
    () => lease(few),
  );
  for (const business of [many, few]) await checkCalls(setup, business, 'Queued', business.count);
  const [ours, theirs] = [compared.ours, compared.theirs].map((rounds) =>
    medianOf(rounds, 'p50').toFixed(2),
  );
  return [
    {
      work: `LeaseOutboundCalls of one call, ${many.count} wait`,
      comparedWith: `the same where ${few.count} wait`,
      measured: `p50 ${ours} : ${theirs} ms`,
      ratio: ratioOf(compared, 'p50'),
      limit: { atMost: 1.3 },
    },
  ];
}
