import type { Scope } from '../access/authorization/scope.ts';
import type { Retention } from '../access/businesses/retention-rules.ts';
import { findRetention } from '../access/businesses/retention-store.ts';
import type { Committed } from '../changes/log.ts';
import type { Context } from '../context.ts';
import { lockToPurge, type Parts, purge } from '../conversations/erasure/purge.ts';
import { lockHolds } from '../holds/store.ts';
import { restAfter } from '../kernel/jobs/rest.ts';
import { removeReleased } from '../recordings/storage/store.ts';
import {
  type Amounts,
  amountsOf,
  type Due,
  dueOf,
  firstOf,
  lookupsOf,
  NOTHING,
  plus,
  ruleOf,
} from './match-rules.ts';
import { findDue, findFacts, findUnplanned, type SealedFacts, setHeld, setPlan } from './store.ts';

type Used = 'db' | 'blobs' | 'clock' | 'ledger' | 'log' | 'metrics' | 'secrets';
export type RetentionContext = Pick<Context, Used> & {
  readonly committed: Committed;
};

const PLAN_BATCH_SIZE = 100;
/** Small, because writers of these conversations wait. */
const PURGE_BATCH_SIZE = 10;

/** In small transactions, until all is purged or the time is over. */
export async function purgeExpired(ctx: RetentionContext, scope: Scope, milliseconds: number) {
  const until = performance.now() + milliseconds;
  let purged = NOTHING;
  for (;;) {
    const startedAt = performance.now();
    if (startedAt >= until) return { purged, isComplete: false };
    const isPlanning = await planBatch(ctx, scope);
    const step = await purgeBatch(ctx, scope);
    if (step.purged) purged = plus(purged, step.purged);
    if (!isPlanning && step.found === 0) return { purged, isComplete: true };
    // Other transactions have locked all of them.
    if (!isPlanning && !step.purged) return { purged, isComplete: false };
    await restAfter(ctx.metrics, performance.now() - startedAt);
  }
}

/** Returns whether there were conversations that rules have not seen. */
function planBatch(ctx: RetentionContext, scope: Scope): Promise<boolean> {
  return ctx.db.transaction(async (tx) => {
    const retention = await findRetention(tx, scope, 'lock');
    if (!retention || retention.isPaused || retention.plan === 0) return false;
    const { rules, plan } = retention;
    const lookups = { ...lookupsOf(rules), plan };
    const found = await findUnplanned(tx, scope, lookups, PLAN_BATCH_SIZE);
    if (found.length === 0) return false;
    const dueAt = (facts: SealedFacts) =>
      firstOf(dueOf(ruleOf(rules, facts), facts, facts.endTime));
    const planned = found.map((facts) => ({ id: facts.id, at: dueAt(facts) }));
    await setPlan(tx, scope, plan, planned);
    return true;
  });
}

interface Step {
  readonly found: number;
  /** null if all were skipped. */
  readonly purged: Amounts | null;
}

async function purgeBatch(ctx: RetentionContext, scope: Scope): Promise<Step> {
  const now = ctx.clock.now();
  const due = await findDue(ctx.db, scope, now, PURGE_BATCH_SIZE);
  if (due.length === 0) return { found: 0, purged: null };
  const { purged, released } = await ctx.db.transaction(async (tx) => {
    const locked = await lockToPurge(tx, scope, due);
    await lockHolds(tx, scope, 'share');
    const retention = await findRetention(tx, scope, 'lock');
    // Pausing waits for a running step; nothing is purged after that.
    const mayPurge = retention && !retention.isPaused && locked.size > 0;
    if (!mayPurge) return { purged: null, released: [] };
    const { rules, plan } = retention;
    const found = await findFacts(tx, scope, { ...lookupsOf(rules), plan }, [...locked.keys()]);
    const held = found.filter(({ isHeld }) => isHeld).map(({ id }) => id);
    await setHeld(tx, scope, held);
    let purged = NOTHING;
    const parts = new Map<string, Parts>();
    for (const facts of found) {
      if (facts.isHeld) continue;
      const due = dueOf(ruleOf(rules, facts), facts, facts.endTime);
      parts.set(facts.id, partsOf(due, now));
      purged = plus(purged, amountsOf(due, facts, now));
    }
    const released =
      parts.size === 0 ? [] : await purge(tx, ctx.secrets, scope, { locked, parts, now });
    return { purged: found.length === 0 ? null : purged, released };
  });
  ctx.committed(scope, { hasUsage: true });
  ctx.ledger.touched(scope.businessId);
  await removeReleased(ctx, scope, released);
  return { found: due.length, purged };
}

const partsOf = (due: Due, now: number): Parts => ({
  recordings: due.recordings <= now,
  transcript: due.transcript <= now,
  logs: due.logs <= now,
  record: due.record <= now,
});

export const isActive = (retention: Retention | undefined) =>
  retention !== undefined && !retention.isPaused && retention.plan > 0;
