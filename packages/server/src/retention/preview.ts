import type { Scope } from '../access/authorization/scope.ts';
import type { RetentionRule } from '../access/businesses/retention-rules.ts';
import type { Context } from '../context.ts';
import {
  amountsOf,
  dueOf,
  isNothing,
  lookupsOf,
  minus,
  NOTHING,
  plus,
  ruleOf,
} from './match-rules.ts';
import { findKinds } from './store.ts';

const DAY = 86_400_000;
const SOON_DAYS = 30;

/** `held`: conversations with expired parts that holds keep; the amounts omit them. */
export async function previewRetention(
  ctx: Pick<Context, 'db' | 'clock'>,
  scope: Scope,
  rules: readonly RetentionRule[],
) {
  const at = ctx.clock.now();
  const days = rules
    .flatMap((rule) => [rule.recordingDays, rule.transcriptDays, rule.logDays, rule.recordDays])
    .filter((n) => n !== null);
  let now = NOTHING;
  let next30Days = NOTHING;
  let held = 0;
  if (days.length === 0) return { now, next30Days, held };
  // Ages are whole days, so conversations that ended on the same day expire together.
  const youngest = Math.max(0, Math.min(...days) - SOON_DAYS);
  const lookups = { ...lookupsOf(rules), now: at, endedBefore: at - youngest * DAY };
  for (const kind of await findKinds(ctx.db, scope, lookups)) {
    const due = dueOf(ruleOf(rules, kind), kind, at - kind.age * DAY);
    const dueNow = amountsOf(due, kind, at, kind.n);
    if (kind.isHeld) {
      if (!isNothing(dueNow)) held += kind.n;
      continue;
    }
    now = plus(now, dueNow);
    const dueSoon = amountsOf(due, kind, at + SOON_DAYS * DAY, kind.n);
    next30Days = plus(next30Days, minus(dueSoon, dueNow));
  }
  return { now, next30Days, held };
}
