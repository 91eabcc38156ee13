import { randomBytes } from 'node:crypto';
import type { Scope } from '../access/scope.ts';
import type { Clock } from '../base/clock.ts';
import type { Database, Tx } from '../base/db.ts';
import type { Call, Change, Direction, OutboundCall } from './call.ts';
import { saveChanges } from './call-store.ts';
import { setHold } from './campaign-store.ts';
import { NO_RULES, plannerOf } from './change.ts';
import { Deciding, expire, holdBack, lease, replan, retryOf } from './decide.ts';
import { findDoNotCall } from './do-not-call-store.ts';
import {
  addNumberDays,
  findLanes,
  findNextLapse,
  findNumberDays,
  type Lane,
  type NumberDay,
  numberDayKey,
  takeDue,
} from './due-store.ts';
import { returnLapsed } from './lapse.ts';
import type { Planner } from './plan.ts';
import { lockQueue, type Queue, setTurns } from './queue-store.ts';
import { takeTurns } from './take-turns.ts';
import { localDay, nextLocalMidnight } from './windows.ts';

export interface LeaseRequest {
  readonly workerId: string;
  readonly max: number;
  readonly leaseSeconds: number;
}

export interface Ask extends LeaseRequest {
  readonly clock: Clock;
  /** Aborted when nobody waits for the calls any more. */
  readonly signal: AbortSignal;
}

export interface Answer {
  readonly calls: readonly Call[];
  /** When the next call is due, or a lease runs out; null where none is to come. */
  readonly nextDueAt: number | null;
}

/** Rounds of one look: each hands out calls, or holds some back that were due. */
const MOST_ROUNDS = 10;
const MOST_OF_A_LANE = 1_000;

/** Hands calls that are due to workers, in one transaction; each is answered in its place. */
export async function handOut(
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
    const handing = new Handing(
      asks.filter(({ signal }) => !signal.aborted),
      now,
    );
    const nextAt = await handAll(tx, scope, direction, queue, handing);
    // Who was handed nothing may wait, for a call that is given back too.
    const lapseAt = handing.want > 0 ? await findNextLapse(tx, scope, direction) : null;
    const next = [nextAt, lapseAt].filter((at) => at !== null);
    const nextDueAt = next.length === 0 ? null : Math.min(...next);
    return asks.map((ask) => ({ calls: handing.handed.get(ask) ?? [], nextDueAt }));
  });
}

/** Whom calls are handed to: those who ask are given one each in turns, as long as they want more. */
class Handing {
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

/** Gives when the first of the calls that wait is due. */
async function handAll(
  tx: Tx,
  scope: Scope,
  direction: Direction,
  queue: Queue,
  handing: Handing,
): Promise<number | null> {
  let { turns } = queue;
  let deepest = 0;
  for (let round = 0; ; round += 1) {
    const lanes = await findLanes(tx, scope, direction);
    const due = lanes.filter(({ nextAttemptAt }) => nextAttemptAt <= handing.now);
    if (round === 0) await tellSlots(tx, scope, lanes, handing.now);
    const want = Math.max(handing.want, deepest);
    const given = takeTurns(due.map(freeOf), turns, handing.want === 0 ? 0 : want);
    if (given.takings.length === 0 || round === MOST_ROUNDS) {
      if (turns !== queue.turns) await setTurns(tx, scope, direction, turns);
      return nextOf(lanes, handing.now);
    }
    const calls = await takeDue(tx, scope, direction, given.takings, handing.now);
    turns = given.turns;
    const planner = direction === 'inbound' ? NO_RULES : await plannerOf(tx, scope, queue, calls);
    const leased = await decideAll(tx, scope, direction, planner, handing, calls);
    // Where all that was due is held back, the next round takes more at once.
    deepest = leased === 0 ? Math.min(2 * Math.max(want, 50), MOST_OF_A_LANE) : 0;
    if (calls.length === 0) {
      if (turns !== queue.turns) await setTurns(tx, scope, direction, turns);
      return nextOf(lanes, handing.now);
    }
  }
}

function freeOf({ priority, lane, isPaused, maxConcurrent, underWay }: Lane) {
  const slots = maxConcurrent === null ? MOST_OF_A_LANE : maxConcurrent - underWay;
  return { priority, lane, slots: isPaused ? 0 : Math.max(slots, 0) };
}

/** Paused campaigns and those without slots are told of when that changes. */
function nextOf(lanes: readonly Lane[], now: number): number | null {
  const due = lanes
    .filter(({ isPaused, nextAttemptAt }) => !isPaused && nextAttemptAt > now)
    .map(({ nextAttemptAt }) => nextAttemptAt);
  return due.length === 0 ? null : Math.min(...due);
}

/** Begins and ends what holds campaigns for lack of slots. */
async function tellSlots(tx: Tx, scope: Scope, lanes: readonly Lane[], now: number): Promise<void> {
  const byCampaign = Map.groupBy(
    lanes.filter(({ maxConcurrent, lacksSlots }) => maxConcurrent !== null || lacksSlots),
    ({ lane }) => lane,
  );
  const begins: string[] = [];
  const ends: string[] = [];
  for (const [campaign, ofCampaign] of byCampaign) {
    const [
      { maxConcurrent, underWay, lacksSlots } = {
        maxConcurrent: null,
        underWay: 0,
        lacksSlots: false,
      },
    ] = ofCampaign;
    const isDue = ofCampaign.some(({ nextAttemptAt }) => nextAttemptAt <= now);
    const isFull = maxConcurrent !== null && underWay >= maxConcurrent;
    if (isDue && isFull && !lacksSlots) begins.push(campaign);
    if (lacksSlots && !isFull) ends.push(campaign);
  }
  await setHold(tx, scope, begins, 'NO_SLOT', true, now);
  await setHold(tx, scope, ends, 'NO_SLOT', false, now);
}

/** Decides about calls that were due; gives how many were handed out. */
async function decideAll(
  tx: Tx,
  scope: Scope,
  direction: Direction,
  planner: Planner,
  handing: Handing,
  calls: readonly Call[],
): Promise<number> {
  const outbound = calls.filter((call) => call.direction === 'outbound');
  const forbidden = await forbiddenOf(tx, scope, outbound);
  const capped = outbound.flatMap((call) => numberDayOf(planner, call, handing.now) ?? []);
  const days = await findNumberDays(tx, scope, capped, handing.now);
  const changes: Change[] = [];
  const counted: NumberDay[] = [];
  let leased = 0;
  for (const call of calls) {
    if (handing.want === 0) break;
    const deciding = new Deciding<Call>(call, handing.now);
    const day = call.direction === 'outbound' ? numberDayOf(planner, call, handing.now) : null;
    const isDue =
      call.direction === 'inbound' || isDialable(deciding, call, planner, { forbidden, days, day });
    if (isDue) {
      const ask = handing.next();
      const token = `lease_${randomBytes(16).toString('base64url')}`;
      const expiresAt = handing.now + ask.leaseSeconds * 1000;
      const maxAttempts = retryOf(call, planner)?.maxAttempts ?? null;
      lease(deciding, { workerId: ask.workerId, token, expiresAt }, maxAttempts);
      handing.give(ask, deciding.after);
      leased += 1;
      if (day) counted.push(day);
    }
    changes.push(deciding.change);
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

/** What the day's attempts on a call's number count by; null where its campaign has no cap. */
function numberDayOf(planner: Planner, call: OutboundCall, now: number): NumberDay | null {
  const campaign = planner.campaignOf(call);
  if (!campaign || campaign.maxAttemptsPerNumberPerDay === null) return null;
  const day = localDay(planner.zoneOf(call), now);
  return { campaignId: campaign.id, number: call.recipientNumber, day };
}

interface Limits {
  readonly forbidden: ReadonlySet<string>;
  readonly days: ReadonlyMap<string, number>;
  readonly day: NumberDay | null;
}

/** Whether a call that is due may be made now; where not, that is decided. */
function isDialable(
  deciding: Deciding<Call>,
  call: OutboundCall,
  planner: Planner,
  { forbidden, days, day }: Limits,
): boolean {
  const { now } = deciding;
  if (call.expiresAt !== null && call.expiresAt <= now) {
    expire(deciding);
    return false;
  }
  const hasClosed = call.windowClosesAt !== null && call.windowClosesAt <= now;
  if (hasClosed || call.plan !== planner.rules.plan) {
    replan(deciding, planner);
    if (deciding.after.nextAttemptAt === null || deciding.after.nextAttemptAt > now) return false;
  }
  if (forbidden.has(call.recipientNumber)) {
    holdBack(deciding, planner, 'DO_NOT_CALL', now);
    return false;
  }
  const cap = planner.campaignOf(call)?.maxAttemptsPerNumberPerDay ?? null;
  if (day && cap !== null && (days.get(numberDayKey(day)) ?? 0) >= cap) {
    holdBack(deciding, planner, 'NUMBER_CAPPED', nextLocalMidnight(planner.zoneOf(call), now));
    return false;
  }
  return true;
}
