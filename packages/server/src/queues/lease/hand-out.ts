import { randomBytes } from 'node:crypto';
import type { Scope } from '../../access/authorization/scope.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Tx } from '../../kernel/postgres/database.ts';
import { type Call, type Direction, type OutboundCall, partitionOf } from '../calls/call.ts';
import {
  deferForNumber,
  expire,
  lease,
  type NumberReason,
  replan,
} from '../calls/call-decisions.ts';
import { saveChanges } from '../calls/call-store.ts';
import { CallTransition } from '../calls/call-transition.ts';
import { applyConversations, findConversations } from '../calls/follow.ts';
import { recordOccupants } from '../calls/occupant-store.ts';
import { hasOverdueCalls } from '../calls/watch-store.ts';
import { findSuspendedCampaigns, setSuspended } from '../campaigns/campaign-store.ts';
import { NO_RULES, type NumberDay, type Planner } from '../campaigns/plan.ts';
import { lockQueue, type Queue, setTurns } from '../campaigns/queue-store.ts';
import { plannerOf } from '../campaigns/rules.ts';
import { nextLocalMidnight } from '../campaigns/windows.ts';
import { findBlockedRepeats } from '../enqueue/repeat-store.ts';
import { findDoNotCall } from '../lists/do-not-call-store.ts';
import {
  addNumberDays,
  findNextLeaseExpiry,
  findNumberDays,
  findPartitions,
  numberDayKey,
  type Partition,
  takeDue,
} from './due-store.ts';
import { endSilentCalls, expireLeases } from './expire.ts';
import { choosePartitions, inTurns } from './take-turns.ts';

export interface LeaseRequest {
  readonly workerId: string;
  readonly max: number;
  readonly leaseSeconds: number;
}

export interface PendingLease extends LeaseRequest {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** The worker has to be authorized again before it may get calls. */
  isOutdated(): boolean;
}

export interface LeaseResult {
  readonly calls: readonly Call[];
  readonly nextDueAt: number | null;
  readonly isOutdated: boolean;
}

const MAX_ROUNDS = 10;
const MIN_DEPTH = 50;
const MAX_CALLS_OF_PARTITION = 1_000;

/** Results are in the order of the requests. */
export async function handOut(
  tx: Tx,
  scope: Scope,
  direction: Direction,
  requests: readonly PendingLease[],
): Promise<LeaseResult[]> {
  const [first] = requests;
  if (!first) return [];
  const now = first.clock.now();
  const queue = await lockQueue(tx, scope, direction);
  if (direction === 'inbound') await expireLeases(tx, scope, direction, now);
  else if (await hasOverdueCalls(tx, scope, now)) {
    await expireLeases(tx, scope, direction, now);
    await endSilentCalls(tx, scope, now);
  }
  // Access may have changed in the seconds of waiting for the lock.
  const outdated = new Set(requests.filter((request) => request.isOutdated()));
  const allocator = new LeaseAllocator(
    requests.filter((request) => !request.signal.aborted && !outdated.has(request)),
    now,
  );
  const callDueAt = await leaseInRounds(tx, scope, direction, { queue, allocator });
  // A worker without calls also waits for call leases to expire.
  const leaseExpiresAt =
    allocator.wanted > 0 ? await findNextLeaseExpiry(tx, scope, direction) : null;
  const next = [callDueAt, leaseExpiresAt].filter((at) => at !== null);
  const nextDueAt = next.length === 0 ? null : Math.min(...next);
  return requests.map((request) => {
    const calls = allocator.leased.get(request) ?? [];
    return { calls, nextDueAt, isOutdated: outdated.has(request) };
  });
}

/** In turns, up to the number of calls that a worker requests. */
class LeaseAllocator {
  readonly now: number;
  readonly leased: Map<PendingLease, Call[]>;
  #turn = 0;

  constructor(requests: readonly PendingLease[], now: number) {
    this.now = now;
    this.leased = new Map(requests.map((request) => [request, []]));
  }

  get wanted(): number {
    return [...this.leased].reduce((sum, [request, calls]) => sum + request.max - calls.length, 0);
  }

  next(): PendingLease {
    const all = [...this.leased];
    for (;;) {
      const turn = all[this.#turn % all.length];
      this.#turn += 1;
      if (turn && turn[1].length < turn[0].max) return turn[0];
    }
  }

  give(request: PendingLease, call: Call): void {
    this.leased.get(request)?.push(call);
  }
}

/** Returns when the next call is due, also in the past; null if no worker wants more calls. */
async function leaseInRounds(
  tx: Tx,
  scope: Scope,
  direction: Direction,
  { queue, allocator }: { readonly queue: Queue; readonly allocator: LeaseAllocator },
): Promise<number | null> {
  const { now } = allocator;
  const turns: Record<string, string> = { ...queue.turns };
  const isDue = ({ nextAttemptAt }: Partition) => nextAttemptAt <= now;
  let partitions = await findPartitions(tx, scope, direction);
  // If all calls of a round were deferred, the next round reads more.
  let depth = 0;
  for (let round = 0; round < MAX_ROUNDS && allocator.wanted > 0; round += 1) {
    const due = partitions.filter(isDue).map((one) => ({ ...one, free: callsToRead(one, depth) }));
    const takings = choosePartitions(due, turns, Math.max(allocator.wanted, depth));
    const taken = await takeDue(tx, scope, direction, { takings, now });
    if (taken.length === 0) break;
    const calls = inTurns(taken, partitionKeyOf, turns);
    const planner = direction === 'inbound' ? NO_RULES : await plannerOf(tx, scope, queue, calls);
    const slots = new Map(partitions.map((one) => [one.campaignId, slotsOf(one)]));
    const decision = { planner, allocator, slots, turns };
    const leased = await decideAll(tx, scope, decision, calls);
    if (leased === 0) depth = Math.min(2 * Math.max(depth, MIN_DEPTH), MAX_CALLS_OF_PARTITION);
    // Satisfied workers need no due time, but suspensions for a lack of slots must be updated.
    const isLimited = partitions.some(({ maxConcurrent }) => maxConcurrent !== null);
    if (allocator.wanted > 0 || isLimited) partitions = await findPartitions(tx, scope, direction);
  }
  if (JSON.stringify(turns) !== JSON.stringify(queue.turns)) {
    await setTurns(tx, scope, direction, turns);
  }
  if (direction === 'outbound') await updateSlotSuspensions(tx, scope, partitions, now);
  if (allocator.wanted === 0) return null;
  const waits = partitions.filter((one) => !one.isPaused && (slotsOf(one) > 0 || !isDue(one)));
  const next = waits.map(({ nextAttemptAt }) => nextAttemptAt);
  return next.length === 0 ? null : Math.min(...next);
}

const partitionKeyOf = (call: Call) => ({
  priority: call.priority,
  campaignId: partitionOf(call),
});

function slotsOf({ isPaused, maxConcurrent, underWay }: Partition): number {
  if (isPaused) return 0;
  return maxConcurrent === null ? Number.POSITIVE_INFINITY : Math.max(maxConcurrent - underWay, 0);
}

/** Slots limit the leased calls, not the calls that are read to find them. */
function callsToRead(partition: Partition, depth: number): number {
  const slots = slotsOf(partition);
  return slots === 0 ? 0 : Math.min(Math.max(slots, depth), MAX_CALLS_OF_PARTITION);
}

/** A slot that is freed and taken again between two leases changes nothing. */
async function updateSlotSuspensions(
  tx: Tx,
  scope: Scope,
  partitions: readonly Partition[],
  now: number,
): Promise<void> {
  const full = new Set(
    partitions
      .filter(({ isPaused, nextAttemptAt }) => !isPaused && nextAttemptAt <= now)
      .filter((partition) => slotsOf(partition) === 0)
      .map(({ campaignId }) => campaignId),
  );
  const suspended = new Set(await findSuspendedCampaigns(tx, scope, 'NO_SLOT'));
  const noSlot = { reason: 'NO_SLOT', now } as const;
  await setSuspended(tx, scope, [...full.difference(suspended)], { ...noSlot, isSuspended: true });
  await setSuspended(tx, scope, [...suspended.difference(full)], { ...noSlot, isSuspended: false });
  await recordOccupants(tx, scope, [...full], now);
}

interface LeaseRound {
  readonly planner: Planner;
  readonly allocator: LeaseAllocator;
  readonly slots: Map<string, number>;
  readonly turns: Record<string, string>;
}

/** Returns how many were leased. */
async function decideAll(
  tx: Tx,
  scope: Scope,
  { planner, allocator, slots, turns }: LeaseRound,
  calls: readonly Call[],
): Promise<number> {
  const outbound = calls.filter((call) => call.direction === 'outbound');
  const recipients = outbound.map(({ recipientNumber }) => recipientNumber);
  const forbidden = await findDoNotCall(tx, scope, recipients);
  const blocked = await findBlockedRepeats(tx, scope, outbound);
  const capped = outbound.filter((call) => planner.capOf(call) !== null);
  const { now } = allocator;
  const numbers = capped.flatMap((call) => planner.numberDayOf(call, now) ?? []);
  const days = await findNumberDays(tx, scope, numbers, now);
  const ids = calls.map(({ id }) => id);
  const naming = await findConversations(tx, scope, ids);
  const transitions: CallTransition[] = [];
  const counted: NumberDay[] = [];
  let leased = 0;
  for (const call of calls) {
    if (allocator.wanted === 0) break;
    const campaignId = partitionOf(call);
    const free = slots.get(campaignId) ?? Number.POSITIVE_INFINITY;
    if (free === 0) continue;
    const transition = new CallTransition<Call>(call, now, planner);
    transitions.push(transition);
    const day = planner.numberDayOf(call, now);
    // The job of a conversation that has just begun may not have run yet.
    await applyConversations(tx, scope, transition, naming.get(call.id));
    const isTaken = transition.after.status !== 'Queued' || transition.rows.length > 0;
    const limits = { forbidden, blocked, days, day };
    if (!isTaken && (call.direction === 'inbound' || isDialable(transition, call, limits))) {
      const request = allocator.next();
      const token = `lease_${randomBytes(16).toString('base64url')}`;
      const expiresAt = now + request.leaseSeconds * 1000;
      lease(transition, { workerId: request.workerId, token, expiresAt });
      allocator.give(request, transition.after);
      leased += 1;
      turns[call.priority] = campaignId;
      if (day) counted.push(day);
    }
    if (transition.after.status === 'Processing') slots.set(campaignId, free - 1);
  }
  await saveChanges(tx, scope, transitions);
  await addNumberDays(tx, scope, counted);
  return leased;
}

interface Limits {
  readonly forbidden: ReadonlySet<string>;
  readonly blocked: ReadonlySet<string>;
  readonly days: ReadonlyMap<string, number>;
  readonly day: NumberDay | null;
}

/** If false, the decision against it is recorded. */
function isDialable(
  transition: CallTransition,
  call: OutboundCall,
  { forbidden, blocked, days, day }: Limits,
): boolean {
  const { now, planner } = transition;
  const defer = (reason: NumberReason, from: number) => {
    deferForNumber(transition, reason, from);
    return false;
  };
  if (call.expiresAt !== null && call.expiresAt <= now) {
    expire(transition);
    return false;
  }
  const hasClosed = call.windowClosesAt !== null && call.windowClosesAt <= now;
  if (hasClosed || call.plan !== planner.rules.plan) {
    replan(transition);
    const { nextAttemptAt } = transition.after;
    if (nextAttemptAt === null || nextAttemptAt > now) return false;
  }
  if (forbidden.has(call.recipientNumber)) return defer('DO_NOT_CALL', now);
  if (blocked.has(call.id)) return defer('DUPLICATE', now);
  const cap = planner.capOf(call);
  const isCapped = day && cap !== null && (days.get(numberDayKey(day)) ?? 0) >= cap;
  return isCapped ? defer('NUMBER_CAPPED', nextLocalMidnight(planner.zoneOf(call), now)) : true;
}
