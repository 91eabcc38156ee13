import { randomBytes } from 'node:crypto';
import { MAX_OCCUPANTS } from '@colloquy/wire';
import type { Scope } from '../../access/authorization/scope.ts';
import { findNaming } from '../../conversations/write/named-calls-store.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Database, Tx } from '../../kernel/postgres/database.ts';
import {
  type Call,
  type Change,
  type Direction,
  type OutboundCall,
  partitionOf,
} from '../calls/call.ts';
import { expire, holdBack, lease, replan } from '../calls/call-decisions.ts';
import { saveChanges } from '../calls/call-store.ts';
import { CallTransition } from '../calls/call-transition.ts';
import { applyConversations } from '../calls/follow.ts';
import { noteOccupants } from '../calls/occupant-store.ts';
import { findHeldCampaigns, setHold } from '../campaigns/campaign-store.ts';
import type { Planner } from '../campaigns/plan.ts';
import { lockQueue, type Queue, setTurns } from '../campaigns/queue-store.ts';
import { retryOf } from '../campaigns/retry-policy.ts';
import { NO_RULES, plannerOf } from '../campaigns/rules.ts';
import { nextLocalMidnight } from '../campaigns/windows.ts';
import { retryNumberRaces } from '../enqueue/number-races.ts';
import { findBlockedRepeats } from '../enqueue/repeat-store.ts';
import { findDoNotCall } from '../lists/do-not-call-store.ts';
import {
  addNumberDays,
  findNextLapse,
  findNumberDays,
  findPartitions,
  type NumberDay,
  numberDayKey,
  type Partition,
  takeDue,
} from './due-store.ts';
import { endSilent, returnLapsed } from './lapse.ts';
import { numberDayOf } from './number-day.ts';
import { choosePartitions, inTurns } from './take-turns.ts';

export interface LeaseRequest {
  readonly workerId: string;
  readonly max: number;
  readonly leaseSeconds: number;
}

export interface Ask extends LeaseRequest {
  readonly clock: Clock;
  /** Aborted when nobody waits for the calls any more. */
  readonly signal: AbortSignal;
  /** True if the worker has to be authorized again before it may be given calls. */
  isOutdated(): boolean;
}

export interface Answer {
  readonly calls: readonly Call[];
  /** When the next call is due, or a lease runs out; null where none is to come. */
  readonly nextDueAt: number | null;
  /** True if the ask was outdated, so that it was given nothing. */
  readonly isOutdated: boolean;
}

/** Rounds of one look: each hands out calls, or holds some back that were due. */
const MAX_ROUNDS = 10;
const FIRST_DEPTH = 50;
const MAX_OF_A_PARTITION = 1_000;

/** Hands calls that are due to workers, in one transaction; each is answered in its place. */
export function handOut(
  db: Database,
  scope: Scope,
  direction: Direction,
  asks: readonly Ask[],
): Promise<Answer[]> {
  return retryNumberRaces(() => tryHandOut(db, scope, direction, asks));
}

async function tryHandOut(
  db: Database,
  scope: Scope,
  direction: Direction,
  asks: readonly Ask[],
): Promise<Answer[]> {
  const [first] = asks;
  if (!first) return [];
  return db.transaction(async (tx) => {
    const now = first.clock.now();
    const queue = await lockQueue(tx, scope, direction);
    await returnLapsed(tx, scope, direction, now);
    if (direction === 'outbound') await endSilent(tx, scope, now);
    // After the lock, which can take seconds to come.
    const outdated = new Set(asks.filter((ask) => ask.isOutdated()));
    const handing = new LeaseAllocator(
      asks.filter((ask) => !ask.signal.aborted && !outdated.has(ask)),
      now,
    );
    const nextAt = await handAll(tx, scope, direction, queue, handing);
    // Who was handed nothing may wait, for a call that is given back too.
    const lapseAt = handing.want > 0 ? await findNextLapse(tx, scope, direction) : null;
    const next = [nextAt, lapseAt].filter((at) => at !== null);
    const nextDueAt = next.length === 0 ? null : Math.min(...next);
    return asks.map((ask) => {
      const calls = handing.handed.get(ask) ?? [];
      return { calls, nextDueAt, isOutdated: outdated.has(ask) };
    });
  });
}

/** Whom calls are handed to: those who ask are given one each in turns, as long as they want more. */
class LeaseAllocator {
  readonly now: number;
  readonly handed: Map<Ask, Call[]>;
  #turn = 0;

  constructor(asks: readonly Ask[], now: number) {
    this.now = now;
    this.handed = new Map(asks.map((ask) => [ask, []]));
  }

  get want(): number {
    return [...this.handed].reduce((sum, [ask, calls]) => sum + ask.max - calls.length, 0);
  }

  next(): Ask {
    const asks = [...this.handed];
    for (;;) {
      const turn = asks[this.#turn % asks.length];
      this.#turn += 1;
      if (turn && turn[1].length < turn[0].max) return turn[0];
    }
  }

  give(ask: Ask, call: Call): void {
    this.handed.get(ask)?.push(call);
  }
}

/** Gives when the first of the calls that wait is due, that may be now; null where none is wanted. */
async function handAll(
  tx: Tx,
  scope: Scope,
  direction: Direction,
  queue: Queue,
  handing: LeaseAllocator,
): Promise<number | null> {
  const { now } = handing;
  const turns: Record<string, string> = { ...queue.turns };
  const isDue = ({ nextAttemptAt }: Partition) => nextAttemptAt <= now;
  let lanes = await findPartitions(tx, scope, direction);
  // Where what was looked at is held back, the next round looks at more.
  let depth = 0;
  for (let round = 0; round < MAX_ROUNDS && handing.want > 0; round += 1) {
    const due = lanes.filter(isDue).map((lane) => ({ ...lane, free: toLookAt(lane, depth) }));
    const takings = choosePartitions(due, turns, Math.max(handing.want, depth));
    const taken = await takeDue(tx, scope, direction, takings, now);
    if (taken.length === 0) break;
    const calls = inTurns(taken, nameOf, turns);
    const planner = direction === 'inbound' ? NO_RULES : await plannerOf(tx, scope, queue, calls);
    const slots = new Map(lanes.map((lane) => [lane.lane, slotsOf(lane)]));
    const leased = await decideAll(tx, scope, direction, { planner, handing, slots, turns }, calls);
    depth = leased === 0 ? Math.min(2 * Math.max(depth, FIRST_DEPTH), MAX_OF_A_PARTITION) : depth;
    // Who has all that was asked for does not care what waits; a lack of slots is told all the same.
    const isLimited = lanes.some(({ maxConcurrent }) => maxConcurrent !== null);
    if (handing.want > 0 || isLimited) lanes = await findPartitions(tx, scope, direction);
  }
  if (JSON.stringify(turns) !== JSON.stringify(queue.turns)) {
    await setTurns(tx, scope, direction, turns);
  }
  if (direction === 'outbound') await tellSlots(tx, scope, lanes, now);
  if (handing.want === 0) return null;
  const waits = lanes.filter((lane) => !lane.isPaused && (slotsOf(lane) > 0 || !isDue(lane)));
  const next = waits.map(({ nextAttemptAt }) => nextAttemptAt);
  return next.length === 0 ? null : Math.min(...next);
}

const nameOf = (call: Call) => ({ priority: call.priority, lane: partitionOf(call) });

/** How many more calls of its campaign may be under way. */
function slotsOf({ isPaused, maxConcurrent, underWay }: Partition): number {
  if (isPaused) return 0;
  return maxConcurrent === null ? Number.POSITIVE_INFINITY : Math.max(maxConcurrent - underWay, 0);
}

/** Slots bound what is handed out, and not what is looked at for it. */
function toLookAt(lane: Partition, depth: number): number {
  const slots = slotsOf(lane);
  return slots === 0 ? 0 : Math.min(Math.max(slots, depth), MAX_OF_A_PARTITION);
}

/**
 * A campaign lacks slots where it is full and calls of it are due: from then on, until a look finds
 * one of the two not so. A slot that is free and taken again between two looks changes nothing.
 */
async function tellSlots(
  tx: Tx,
  scope: Scope,
  lanes: readonly Partition[],
  now: number,
): Promise<void> {
  const lacking = new Set(
    lanes
      .filter(({ isPaused, nextAttemptAt }) => !isPaused && nextAttemptAt <= now)
      .filter((lane) => slotsOf(lane) === 0)
      .map(({ lane }) => lane),
  );
  const held = new Set(await findHeldCampaigns(tx, scope, 'NO_SLOT'));
  await setHold(tx, scope, [...lacking.difference(held)], 'NO_SLOT', true, now);
  await setHold(tx, scope, [...held.difference(lacking)], 'NO_SLOT', false, now);
  await noteOccupants(tx, scope, [...lacking], MAX_OCCUPANTS, now);
}

interface HandingOut {
  readonly planner: Planner;
  readonly handing: LeaseAllocator;
  /** What is left of them, by campaign. */
  readonly slots: Map<string, number>;
  /** Which lane of a priority had its turn last. */
  readonly turns: Record<string, string>;
}

/** Decides about calls that are due, in their order; gives how many were handed out. */
async function decideAll(
  tx: Tx,
  scope: Scope,
  direction: Direction,
  { planner, handing, slots, turns }: HandingOut,
  calls: readonly Call[],
): Promise<number> {
  const outbound = calls.filter((call) => call.direction === 'outbound');
  const forbidden = await forbiddenOf(tx, scope, outbound);
  const blocked = await findBlockedRepeats(tx, scope, outbound);
  const capped = outbound.filter((call) => planner.capOf(call) !== null);
  const numbers = capped.flatMap((call) => numberDayOf(planner, call, handing.now) ?? []);
  const days = await findNumberDays(tx, scope, numbers, handing.now);
  const ids = calls.map(({ id }) => id);
  const naming = Map.groupBy(await findNaming(tx, scope, ids), ({ queueId }) => queueId);
  const changes: Change[] = [];
  const counted: NumberDay[] = [];
  let leased = 0;
  for (const call of calls) {
    if (handing.want === 0) break;
    const lane = partitionOf(call);
    const free = slots.get(lane) ?? Number.POSITIVE_INFINITY;
    if (free === 0) continue;
    const transition = new CallTransition<Call>(call, handing.now);
    const day = call.direction === 'outbound' ? numberDayOf(planner, call, handing.now) : null;
    // One that names it may have come just now, and nobody has followed it yet.
    const conversations = naming.get(call.id);
    if (conversations) await applyConversations(tx, scope, transition, planner, conversations);
    const isTaken = transition.after.status !== 'Queued' || transition.rows.length > 0;
    const isDialed =
      !isTaken &&
      (call.direction === 'inbound' ||
        isDialable(transition, call, planner, { forbidden, blocked, days, day }));
    if (isDialed) {
      const ask = handing.next();
      const token = `lease_${randomBytes(16).toString('base64url')}`;
      const expiresAt = handing.now + ask.leaseSeconds * 1000;
      const maxAttempts = retryOf(call, planner)?.maxAttempts ?? null;
      lease(transition, { workerId: ask.workerId, token, expiresAt }, maxAttempts);
      handing.give(ask, transition.after);
      leased += 1;
      turns[call.priority] = lane;
      if (day) counted.push(day);
    }
    if (transition.after.status === 'Processing') slots.set(lane, free - 1);
    changes.push(transition.change);
  }
  await saveChanges(tx, scope, direction, changes);
  await addNumberDays(tx, scope, counted);
  return leased;
}

async function forbiddenOf(
  tx: Tx,
  scope: Scope,
  calls: readonly OutboundCall[],
): Promise<ReadonlySet<string>> {
  if (calls.length === 0) return new Set();
  return findDoNotCall(
    tx,
    scope,
    calls.map(({ recipientNumber }) => recipientNumber),
  );
}

interface Limits {
  readonly forbidden: ReadonlySet<string>;
  /** The ids of calls whose number waits in another call. */
  readonly blocked: ReadonlySet<string>;
  readonly days: ReadonlyMap<string, number>;
  readonly day: NumberDay | null;
}

/** Whether a call that is due may be made now; where not, that is decided. */
function isDialable(
  transition: CallTransition<Call>,
  call: OutboundCall,
  planner: Planner,
  { forbidden, blocked, days, day }: Limits,
): boolean {
  const { now } = transition;
  if (call.expiresAt !== null && call.expiresAt <= now) {
    expire(transition);
    return false;
  }
  const hasClosed = call.windowClosesAt !== null && call.windowClosesAt <= now;
  if (hasClosed || call.plan !== planner.rules.plan) {
    replan(transition, planner);
    if (transition.after.nextAttemptAt === null || transition.after.nextAttemptAt > now)
      return false;
  }
  if (forbidden.has(call.recipientNumber)) {
    holdBack(transition, planner, 'DO_NOT_CALL', now);
    return false;
  }
  if (blocked.has(call.id)) {
    holdBack(transition, planner, 'DUPLICATE', now);
    return false;
  }
  const cap = planner.capOf(call);
  if (day && cap !== null && (days.get(numberDayKey(day)) ?? 0) >= cap) {
    holdBack(transition, planner, 'NUMBER_CAPPED', nextLocalMidnight(planner.zoneOf(call), now));
    return false;
  }
  return true;
}
