import { longId } from './long-conversations.ts';
import { loadConversations } from './many-conversations.ts';
import { compareInRounds, median, ratioOf, WARM_UP_ROUNDS } from './measured.ts';
import { newBusiness } from './queued-calls.ts';
import { type BenchSetup, getConversation } from './setup.ts';
import type { Result } from './table.ts';

const RULE = { Name: 'all', RecordingDays: null, TranscriptDays: null, LogDays: null };
const PREVIEWS = 5;

/** A preview over all conversations, and a purge during reads. */
export async function measureRetention(setup: BenchSetup): Promise<Result[]> {
  return [await measurePreview(setup), ...(await measurePurge(setup))];
}

async function measurePreview({ api, database, large, say }: BenchSetup): Promise<Result> {
  const { businessId } = large;
  say(`retention: a preview over ${large.count} conversations`);
  const Rules = [
    { ...RULE, Match: { SessionEndTypes: ['Transferred'] }, RecordDays: null },
    { ...RULE, Match: { Metadata: { campaign: 'spring' } }, TranscriptDays: 30, RecordDays: 200 },
    { ...RULE, Match: {}, RecordDays: null },
  ];
  const times: number[] = [];
  let seen = 0;
  for (let at = 0; at < PREVIEWS; at += 1) {
    const sent = performance.now();
    const { Now } = await api.previewRetention({ businessId, Rules: Rules as never });
    times.push(performance.now() - sent);
    seen = Now.Transcripts;
  }
  const { rows } = await database.sql.query<{ n: string }>(
    `SELECT count(*) AS n FROM conversations
     WHERE business_id = $1 AND end_type <> 'Transferred'
       AND start_time <= now() - interval '3 minutes' - interval '30 days'`,
    [businessId],
  );
  if (Math.abs(Number(rows[0]?.n) - seen) > 10) throw new Error('a preview counted wrongly');
  return {
    work: `PreviewRetention, three rules, ${large.count} conversations`,
    comparedWith: '',
    measured: `p50 of ${PREVIEWS}`,
    ratio: median(times),
    limit: { atMost: 2_000 },
    unit: 'ms',
  };
}

const READERS = 16;
const READ_EVERY_MILLISECONDS = 25;

async function measurePurge(setup: BenchSetup): Promise<Result[]> {
  const { api, database, generator, long, options, server } = setup;
  const rounds = options.quick ? 3 : 7;
  const seconds = options.quick ? 2 : 8;
  const each = options.quick ? 20_000 : 50_000;
  // One business per round, with rules for that round only, because the minute's job must not purge
  // during reads without a purge.
  const olds = Array.from({ length: WARM_UP_ROUNDS + rounds }, () => each);
  setup.say(`retention: loading ${olds.length} times ${each} conversations`);
  const businesses: number[] = [];
  for (const count of olds) {
    const { businessId } = await newBusiness(setup, 'Old', count);
    await loadConversations(database.sql, businessId, count);
    businesses.push(businessId);
  }
  await database.sql.query('VACUUM (ANALYZE) conversations, sealed_conversations');
  setup.say(`retention: purging while ${READERS} readers read`);
  const requests = Array.from({ length: long.count }, (_, at) =>
    getConversation(long, longId(at + 1)),
  );
  const read = () =>
    generator.ask({
      port: server.port,
      connections: READERS,
      source: { kind: 'cycle', requests },
      everyMilliseconds: READ_EVERY_MILLISECONDS,
      until: { milliseconds: seconds * 1000 },
    });
  const rates: number[] = [];
  const compared = await compareInRounds(
    rounds,
    async () => {
      const businessId = businesses.pop() ?? Number.NaN;
      await api.putRetention({ businessId, Rules: [{ ...RULE, Match: {}, RecordDays: 1 }] });
      const began = performance.now();
      const [{ Purged, IsComplete }, measured] = await Promise.all([
        api.runRetention({ businessId, MaxSeconds: seconds }),
        read(),
      ]);
      rates.push(Purged.Records / ((performance.now() - began) / 1000));
      await api.putRetention({ businessId, Rules: [] });
      if (IsComplete) throw new Error('there was not enough to purge');
      return measured;
    },
    read,
  );
  const p99 = (side: 'ours' | 'theirs') =>
    median(compared[side].map((round) => round.p99)).toFixed(2);
  return [
    {
      work: 'Purge of conversations with all they have, beside readers',
      comparedWith: '',
      measured: 'median of the rounds',
      ratio: median(rates),
      limit: { atLeast: 100 },
      unit: 'conversations/s',
    },
    {
      work: `… p99 of GetConversation meanwhile, ${READERS} readers, ${(READERS * 1000) / READ_EVERY_MILLISECONDS} a second`,
      comparedWith: 'the same without a purge',
      measured: `${p99('ours')} : ${p99('theirs')} ms`,
      ratio: ratioOf(compared, 'p99'),
      limit: { atMost: 1.2 },
    },
  ];
}
