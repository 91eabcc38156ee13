import type { Scope } from '../../access/authorization/scope.ts';
import { businessesText } from '../../kernel/jobs/businesses-with.ts';
import { type Db, statement } from '../../kernel/postgres/database.ts';
import type { Direction } from '../calls/call.ts';

export interface Queue {
  readonly plan: number;
  readonly businessZone: string | null;
  /** The last call with the current plan; null if all calls have it. */
  readonly plannedTo: string | null;
  readonly turns: Readonly<Record<string, string>>;
}

export interface QueueRow {
  plan: number;
  turns: string;
  planned_to: string | null;
  time_zone: string | null;
}

// Apart from the queue, because a cluster has businesses on the coordinator and queues elsewhere.
const ZONE = statement(
  'queues.business-zone',
  'SELECT time_zone AS zone FROM businesses WHERE business_id = $1',
);
const READ = statement(
  'queues.read-queue',
  `SELECT plan, turns, planned_to, time_zone FROM call_queues
   WHERE business_id = $1 AND direction = $2`,
);

export async function zoneOf(db: Db, { businessId }: Scope): Promise<string | null> {
  return (await db.row<{ zone: string | null }>(ZONE, [businessId]))?.zone ?? null;
}

export const queueOf = (row: QueueRow | undefined, businessZone: string | null): Queue => ({
  plan: row?.plan ?? 0,
  businessZone,
  plannedTo: row?.planned_to ?? null,
  turns: JSON.parse(row?.turns ?? '{}'),
});

const LOCK = statement(
  'queues.lock-queue',
  `SELECT plan, turns, planned_to, time_zone FROM call_queues
   WHERE business_id = $1 AND direction = $2 FOR NO KEY UPDATE`,
);
const ADD = statement(
  'queues.add-queue',
  `INSERT INTO call_queues (business_id, direction, plan, turns, time_zone)
   VALUES ($1, $2, 0, '{}', $3) ON CONFLICT DO NOTHING`,
);
const CHANGE_RULES = statement(
  'queues.change-rules',
  `UPDATE call_queues SET plan = plan + 1, planned_to = '', time_zone = $3
   WHERE business_id = $1 AND direction = $2 RETURNING plan`,
);

/** Not in a transaction: everything that locks the queue would wait for its end. */
export async function addQueue(db: Db, scope: Scope, direction: Direction): Promise<void> {
  const key = [scope.businessId, direction];
  if (await db.row<QueueRow>(READ, key)) return;
  await db.rows(ADD, [...key, await zoneOf(db, scope)]);
}

export async function readQueue(db: Db, scope: Scope, direction: Direction): Promise<Queue> {
  const row = await db.row<QueueRow>(READ, [scope.businessId, direction]);
  return queueOf(row, await zoneOf(db, scope));
}

/** Against leases and changes of what may be leased. Applies a new time zone of the business. */
export async function lockQueue(tx: Db, scope: Scope, direction: Direction): Promise<Queue> {
  const find = () => tx.row<QueueRow>(LOCK, [scope.businessId, direction]);
  let row = await find();
  if (!row) {
    await addQueue(tx, scope, direction);
    row = await find();
  }
  const queue = queueOf(row, await zoneOf(tx, scope));
  if (!row || row.time_zone === queue.businessZone) return queue;
  const plan = await changeRules(tx, scope, direction, queue.businessZone);
  return { ...queue, plan, plannedTo: '' };
}

/** Waiting calls get new due times. The queue must be locked. Returns the plan. */
export async function changeRules(
  tx: Db,
  scope: Scope,
  direction: Direction,
  businessZone: string | null,
): Promise<number> {
  const values = [scope.businessId, direction, businessZone];
  const row = await tx.row<{ plan: number }>(CHANGE_RULES, values);
  if (!row) throw new Error(`no ${direction} queue of a business that was locked`);
  return row.plan;
}

const SET_TURNS = statement(
  'queues.set-turns',
  `UPDATE call_queues SET turns = $3 WHERE business_id = $1 AND direction = $2`,
);

export async function setTurns(
  tx: Db,
  scope: Scope,
  direction: Direction,
  turns: Queue['turns'],
): Promise<void> {
  await tx.rows(SET_TURNS, [scope.businessId, direction, JSON.stringify(turns)]);
}

/** With waiting calls that have an earlier plan, or whose window has closed. */
export const TO_REPLAN = statement(
  'queues.businesses-to-replan',
  `SELECT w."businessId" FROM (${businessesText({ table: 'outbound_calls', where: "status = 'Queued'" })}) w
   WHERE EXISTS (
     SELECT FROM call_queues q JOIN businesses b ON b.business_id = q.business_id
     WHERE q.business_id = w."businessId" AND q.direction = 'outbound'
       AND (q.planned_to IS NOT NULL OR q.time_zone IS DISTINCT FROM b.time_zone)
   ) OR EXISTS (
     SELECT FROM outbound_calls c
     WHERE c.business_id = w."businessId" AND c.status = 'Queued' AND c.window_closes_at <= $1
   )`,
);
const OUTDATED = statement(
  'queues.find-outdated',
  `SELECT c.id FROM outbound_calls c
   WHERE c.business_id = $1 AND c.id > $2 AND c.status = 'Queued' AND c.plan <> $3
   ORDER BY c.id LIMIT $4`,
);
const SET_PLANNED = statement(
  'queues.set-planned',
  `UPDATE call_queues SET planned_to = $3 WHERE business_id = $1 AND direction = $2`,
);

export async function findOutdated(
  db: Db,
  scope: Scope,
  { plan, plannedTo }: Queue,
  limit: number,
): Promise<string[] | null> {
  if (plannedTo === null) return null;
  const values = [scope.businessId, plannedTo, plan, limit];
  return (await db.rows<{ id: string }>(OUTDATED, values)).map(({ id }) => id);
}

export async function setPlanned(
  tx: Db,
  scope: Scope,
  direction: Direction,
  plannedTo: string | null,
): Promise<void> {
  await tx.rows(SET_PLANNED, [scope.businessId, direction, plannedTo]);
}
