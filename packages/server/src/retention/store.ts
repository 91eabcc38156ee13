import type { Scope } from '../access/authorization/scope.ts';
import { hasHolds, heldText } from '../holds/store.ts';
import { addJobText } from '../kernel/jobs/jobs.ts';
import { type Db, type Statement, statement } from '../kernel/postgres/database.ts';
import type { Facts, Lookups } from './match-rules.ts';

export const PURGE = 'purge-expired';
export const PLAN_HELD = 'plan-held';

export interface OfBusiness {
  readonly businessId: number;
}

// $1 is the business, $2 the patterns, $3 the campaigns. A loop over patterns takes three times as long.
const containsText = (patterns: number) =>
  patterns === 0
    ? `left('', cardinality($2::jsonb[]))`
    : Array.from(
        { length: patterns },
        (_, at) => `CASE WHEN s.metadata @> ($2::jsonb[])[${at + 1}] THEN '1' ELSE '0' END`,
      ).join(' || ');

/** What the rules look at. */
interface Shape {
  readonly name: string;
  readonly facts: string;
  readonly sealed: string;
}

const CALLS = `LEFT JOIN outbound_calls c
    ON c.business_id = $1 AND c.id = s.queue_id AND c.campaign_id = ANY($3::text[])`;

/** Calls are joined only for rules that name campaigns. */
const shapeOf = (patterns: number, hasCampaigns: boolean): Shape => ({
  name: `${hasCampaigns ? 'of-campaigns-' : ''}${patterns}`,
  facts: `s.initiation_type AS "initiationType", s.end_type AS "endType",
  ${hasCampaigns ? 'c.campaign_id' : '($3::text[])[1]'} AS "campaignId",
  s.has_transcript AS "hasTranscript", s.has_logs AS "hasLogs", ${containsText(patterns)} AS contains`,
  sealed: `sealed_conversations s ${hasCampaigns ? CALLS : ''}`,
});

function byShape(make: (shape: Shape) => Statement): (lookups: Lookups) => Statement {
  const made = new Map<string, Statement>();
  return ({ patterns, campaignIds }) => {
    const shape = shapeOf(patterns.length, campaignIds.length > 0);
    const statement = made.get(shape.name) ?? make(shape);
    made.set(shape.name, statement);
    return statement;
  };
}

const lookupValues = ({ businessId }: Scope, { patterns, campaignIds }: Lookups) =>
  [businessId, patterns, campaignIds] as const;

export interface SealedFacts extends Facts {
  readonly id: string;
  readonly endTime: number;
}

const factsSelect = ({ facts }: Shape) =>
  `SELECT s.conversation_id AS id, s.end_time AS "endTime", s.recordings, ${facts}`;

const findUnplannedText = byShape((shape) =>
  statement(
    `retention.find-unplanned-${shape.name}`,
    `${factsSelect(shape)} FROM ${shape.sealed} WHERE s.business_id = $1 AND s.purge_plan < $4
   LIMIT $5 FOR UPDATE OF s SKIP LOCKED`,
  ),
);

interface PlanLookups extends Lookups {
  readonly plan: number;
}

/** Locks conversations without a plan or with an older one. */
export function findUnplanned(
  tx: Db,
  scope: Scope,
  lookups: PlanLookups,
  limit: number,
): Promise<SealedFacts[]> {
  const values = [...lookupValues(scope, lookups), lookups.plan, limit];
  return tx.rows(findUnplannedText(lookups), values);
}

const SET_PLAN = statement(
  'retention.set-plan',
  `UPDATE sealed_conversations s SET purge_at = p.at, purge_plan = $2, is_held = false
   FROM unnest($3::text[], $4::timestamptz[]) AS p(id, at)
   WHERE s.business_id = $1 AND s.conversation_id = ANY($3::text[]) AND s.conversation_id = p.id`,
);

interface Planned {
  readonly id: string;
  readonly at: number | null;
}

export async function setPlan(tx: Db, scope: Scope, plan: number, planned: readonly Planned[]) {
  const ids = planned.map(({ id }) => id);
  const times = planned.map(({ at }) => at && new Date(at).toISOString());
  await tx.rows(SET_PLAN, [scope.businessId, plan, ids, times]);
}

const FIND_DUE = statement(
  'retention.find-due',
  `SELECT conversation_id AS id FROM sealed_conversations
   WHERE business_id = $1 AND purge_at <= $2 ORDER BY purge_at LIMIT $3`,
);

export async function findDue(db: Db, scope: Scope, now: number, limit: number): Promise<string[]> {
  const values = [scope.businessId, new Date(now).toISOString(), limit];
  return (await db.rows<{ id: string }>(FIND_DUE, values)).map(({ id }) => id);
}

const findFactsText = byShape((shape) =>
  statement(
    `retention.find-facts-${shape.name}`,
    `${factsSelect(shape)}, ${heldText('s', 's.conversation_id')} AS "isHeld"
   FROM ${shape.sealed}
   WHERE s.business_id = $1 AND s.conversation_id = ANY($4::text[]) AND s.purge_plan = $5`,
  ),
);

export function findFacts(
  tx: Db,
  scope: Scope,
  lookups: PlanLookups,
  ids: readonly string[],
): Promise<(SealedFacts & { readonly isHeld: boolean })[]> {
  return tx.rows(findFactsText(lookups), [...lookupValues(scope, lookups), ids, lookups.plan]);
}

const SET_HELD = statement(
  'retention.set-held',
  `UPDATE sealed_conversations SET is_held = true, purge_at = NULL
   WHERE business_id = $1 AND conversation_id = ANY($2::text[])`,
);

/** Excludes conversations from plans until a hold is lifted. */
export async function setHeld(tx: Db, scope: Scope, ids: readonly string[]): Promise<void> {
  if (ids.length > 0) await tx.rows(SET_HELD, [scope.businessId, ids]);
}

const RELEASE_HELD = statement(
  'retention.release-held',
  `UPDATE sealed_conversations SET is_held = false, purge_plan = 0
   WHERE business_id = $1 AND conversation_id IN (
     SELECT conversation_id FROM sealed_conversations
     WHERE business_id = $1 AND is_held LIMIT 1000 FOR UPDATE SKIP LOCKED
   ) RETURNING 1`,
);

/** Returns whether there were any. */
export async function releaseHeld(db: Db, scope: Scope): Promise<boolean> {
  return (await db.rows(RELEASE_HELD, [scope.businessId])).length > 0;
}

export interface Kind extends Facts {
  /** Whole days since their end. */
  readonly age: number;
  readonly isHeld: boolean;
  readonly n: number;
}

const findKindsText = byShape((shape) =>
  statement(
    `retention.find-kinds-${shape.name}`,
    `SELECT floor(extract(epoch FROM $4::timestamptz - s.end_time) / 86400)::integer AS age,
     ${shape.facts},
     $6::boolean AND ${heldText('s', 's.conversation_id')} AS "isHeld",
     s.recordings > 0 AS "hasRecordings", count(*)::integer AS n,
     sum(s.recordings)::integer AS recordings
   FROM ${shape.sealed}
   WHERE s.business_id = $1 AND s.end_time <= $5::timestamptz
   GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9`,
  ),
);

interface KindLookups extends Lookups {
  readonly now: number;
  readonly endedBefore: number;
}

/** Groups conversations that ended before an instant. */
export async function findKinds(db: Db, scope: Scope, lookups: KindLookups): Promise<Kind[]> {
  return db.rows(findKindsText(lookups), [
    ...lookupValues(scope, lookups),
    new Date(lookups.now).toISOString(),
    new Date(lookups.endedBefore).toISOString(),
    // Without holds, skip evaluating them for each conversation.
    await hasHolds(db, scope),
  ]);
}

const addJob = (name: string) =>
  statement(
    `retention.add-${name}`,
    `SELECT ${addJobText(name, "json_build_object('businessId', $1::bigint)", {
      queue: "'retention'",
      key: `'${name}:' || $1::text`,
    })}`,
  );
const ADD = { [PURGE]: addJob(PURGE), [PLAN_HELD]: addJob(PLAN_HELD) };

/** Adds a job unless one is waiting. */
export async function addJobOf(db: Db, scope: Scope, name: typeof PURGE | typeof PLAN_HELD) {
  await db.rows(ADD[name], [scope.businessId]);
}
