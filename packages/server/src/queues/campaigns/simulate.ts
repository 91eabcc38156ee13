import { MAX_SIMULATED } from '@colloquy/wire';
import { isMasked, type Scope } from '../../access/authorization/scope.ts';
import type { Context } from '../../context.ts';
import { Breather } from '../../kernel/fair-share/breather.ts';
import type { Tx } from '../../kernel/postgres/database.ts';
import { type OutboundCall, partitionOf } from '../calls/call.ts';
import { findOccupants } from '../calls/occupant-store.ts';
import { findBlockedRepeats } from '../enqueue/repeat-store.ts';
import {
  findNumberDays,
  findPartitions,
  numberDayKey,
  type Partition,
  peekWaiting,
} from '../lease/due-store.ts';
import { findDoNotCall } from '../lists/do-not-call-store.ts';
import type { Planner } from './plan.ts';
import { readQueue } from './queue-store.ts';
import { plannerOf } from './rules.ts';
import { localDay, nextLocalMidnight } from './windows.ts';

export interface SimulationRequest {
  readonly hours: number;
  readonly campaignIds: readonly string[] | null;
  readonly callSeconds: number;
}

export interface Simulated {
  readonly call: OutboundCall;
  readonly at: number | null;
  readonly reason: string | null;
}

export interface Simulation {
  readonly from: number;
  readonly until: number;
  readonly hours: readonly number[];
  /** By reason, the most frequent first; null for calls that are due. */
  readonly waiting: readonly { readonly reason: string | null; readonly calls: number }[];
  readonly calls: readonly Simulated[];
  readonly occupied: readonly {
    readonly campaignId: string;
    readonly maxConcurrent: number;
    readonly queueIds: readonly string[];
  }[];
  readonly isComplete: boolean;
}

const MAX_FULL_CAMPAIGNS = 100;

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Assumes that workers are always available, calls take `callSeconds` and none is retried. */
export async function simulate(
  ctx: Pick<Context, 'db' | 'clock'>,
  scope: Scope,
  { hours, campaignIds, callSeconds }: SimulationRequest,
): Promise<Simulation> {
  const from = ctx.clock.now();
  const until = from + hours * HOUR;
  const snapshot = await ctx.db.patient.transaction((tx) =>
    readSnapshot(tx, scope, campaignIds, from),
  );
  const time = { from, until, callMilliseconds: callSeconds * 1000 };
  const calls = await new DialSimulator(snapshot, time).run(snapshot.calls);
  const perHour = Array.from({ length: hours }, () => 0);
  for (const { at } of calls) {
    if (at === null) continue;
    const hour = Math.floor((at - from) / HOUR);
    perHour[hour] = (perHour[hour] ?? 0) + 1;
  }
  const waiting = waitingAt(from, calls);
  const { occupied, isComplete } = snapshot;
  return { from, until, hours: perHour, waiting, calls, occupied, isComplete };
}

async function readSnapshot(
  tx: Tx,
  scope: Scope,
  campaignIds: readonly string[] | null,
  now: number,
) {
  const partitions = (await findPartitions(tx, scope, 'outbound')).filter(
    ({ campaignId }) => campaignIds === null || campaignIds.includes(campaignId),
  );
  // Few calls of each of many partitions, so each is represented.
  const perPartition = Math.ceil((2 * MAX_SIMULATED) / (partitions.length + 1));
  const limit = MAX_SIMULATED + 1;
  const found = await peekWaiting(tx, scope, { partitions, campaignIds, perPartition, limit });
  const byPartition = Map.groupBy(found, (call) => `${call.priority} ${partitionOf(call)}`);
  const isCut = [...byPartition.values()].some(({ length }) => length >= perPartition);
  const calls = found.slice(0, MAX_SIMULATED);
  const planner = await plannerOf(tx, scope, await readQueue(tx, scope, 'outbound'), calls);
  const numbers = calls.map(({ recipientNumber }) => recipientNumber);
  // Such a reason would confirm a guess of the number.
  const isHidden = isMasked(scope);
  const forbidden = isHidden ? new Set<string>() : await findDoNotCall(tx, scope, numbers);
  const repeats = isHidden ? new Set<string>() : await findBlockedRepeats(tx, scope, calls);
  const capped = calls.flatMap((call) => capOf(planner, call) ?? []);
  const days = isHidden ? new Map<string, number>() : await findNumberDays(tx, scope, capped, now);
  const occupied = await findOccupied(tx, scope, partitions);
  const busy = new Map(partitions.map(({ campaignId, underWay }) => [campaignId, underWay]));
  const isComplete = found.length < limit && !isCut;
  return { calls, planner, forbidden, repeats, isHidden, days, busy, occupied, isComplete };
}

async function findOccupied(
  tx: Tx,
  scope: Scope,
  partitions: readonly Partition[],
): Promise<Simulation['occupied']> {
  const limits = new Map<string, number>();
  for (const { campaignId, maxConcurrent, underWay } of partitions) {
    const isFull = maxConcurrent !== null && underWay >= maxConcurrent;
    if (isFull && limits.size < MAX_FULL_CAMPAIGNS) limits.set(campaignId, maxConcurrent);
  }
  const occupants = await findOccupants(tx, scope, [...limits.keys()]);
  return [...limits].map(([campaignId, maxConcurrent]) => ({
    campaignId,
    maxConcurrent,
    queueIds: occupants.get(campaignId) ?? [],
  }));
}

function waitingAt(from: number, calls: readonly Simulated[]): Simulation['waiting'] {
  const reasonOf = ({ at, reason }: Simulated) => (at === from ? null : (reason ?? 'LATER'));
  return [...Map.groupBy(calls, reasonOf)]
    .map(([reason, { length }]) => ({ reason, calls: length }))
    .toSorted((a, b) => b.calls - a.calls);
}

function capOf(planner: Planner, call: OutboundCall) {
  const [campaign, maxAttempts] = [planner.campaignOf(call), planner.capOf(call)];
  if (!campaign || maxAttempts === null) return null;
  return { campaignId: campaign.id, number: call.recipientNumber, maxAttempts };
}

type Snapshot = Awaited<ReturnType<typeof readSnapshot>>;

interface Waiting {
  readonly call: OutboundCall;
  reason: string | null;
  /** `minute` is the minute of the simulation in which it is dialed at the earliest. */
  from: number;
  minute: number;
}

interface Line {
  waiting: Waiting[];
  isSorted: boolean;
}

class DialSimulator {
  readonly #snapshot: Snapshot;
  readonly #until: number;
  readonly #from: number;
  readonly #callMinutes: number;
  readonly #days: Map<string, number>;
  readonly #done: Simulated[] = [];
  readonly #breather = new Breather();
  readonly #due = new Map<number, Waiting[]>();
  readonly #lines = new Map<string, Line>();
  readonly #freed = new Map<number, string[]>();
  readonly #busy: Map<string, number>;
  #minute = -1;

  constructor(
    snapshot: Snapshot,
    time: { readonly from: number; readonly until: number; readonly callMilliseconds: number },
  ) {
    this.#snapshot = snapshot;
    this.#from = time.from;
    this.#until = time.until;
    this.#callMinutes = Math.max(1, Math.ceil(time.callMilliseconds / MINUTE));
    this.#days = new Map(snapshot.days);
    this.#busy = new Map(snapshot.busy);
  }

  async run(calls: readonly OutboundCall[]): Promise<Simulated[]> {
    // Calls under way are assumed to end after `callSeconds` too.
    const slots = [...this.#busy].flatMap(([campaignId, count]) =>
      Array.from({ length: count }, () => campaignId),
    );
    this.#freed.set(this.#callMinutes, slots);
    for (const call of calls) {
      this.#begin(call);
      if (this.#breather.isDue()) await this.#breather.breathe();
    }
    const minutes = (this.#until - this.#from) / MINUTE;
    for (let minute = 0; minute < minutes; minute += 1) await this.#simulateMinute(minute);
    for (const { waiting } of this.#lines.values()) {
      for (const { call } of waiting) this.#refuse(call, 'NO_SLOT');
    }
    const time = ({ at }: Simulated) => at ?? Number.POSITIVE_INFINITY;
    return this.#done.toSorted((a, b) => (time(a) < time(b) ? -1 : time(a) > time(b) ? 1 : 0));
  }

  #refuse(call: OutboundCall, reason: string): void {
    this.#done.push({ call, at: null, reason });
  }

  #begin(call: OutboundCall): void {
    const { planner, forbidden, repeats, isHidden } = this.#snapshot;
    const isRepeat = repeats.has(call.id) || (call.lastReason === 'DUPLICATE' && !isHidden);
    if (forbidden.has(call.recipientNumber)) this.#refuse(call, 'DO_NOT_CALL');
    else if (isRepeat) this.#refuse(call, 'DUPLICATE');
    else if (planner.campaignOf(call)?.isPaused) this.#refuse(call, 'CAMPAIGN_PAUSED');
    else
      this.#plan(
        { call, reason: null, from: 0, minute: 0 },
        Math.max(call.dueFrom ?? this.#from, this.#from),
      );
  }

  #plan(waiting: Waiting, from: number): void {
    const { planner } = this.#snapshot;
    const { call } = waiting;
    const planned = planner.next({ ...call, expiresAt: null }, from);
    if (planned === null || planned.at > from) waiting.reason ??= 'OUTSIDE_WINDOW';
    if (planned !== null && call.expiresAt !== null && planned.at >= call.expiresAt) {
      this.#refuse(call, 'EXPIRES');
    } else if (planned === null || planned.at >= this.#until) {
      this.#refuse(call, waiting.reason ?? 'LATER');
    } else {
      const minute = Math.floor((planned.at - this.#from) / MINUTE);
      waiting.from = planned.at;
      waiting.minute = Math.max(minute, this.#minute + 1);
      const ofMinute = this.#due.get(waiting.minute) ?? [];
      ofMinute.push(waiting);
      this.#due.set(waiting.minute, ofMinute);
    }
  }

  async #simulateMinute(minute: number): Promise<void> {
    this.#minute = minute;
    for (const campaignId of this.#freed.get(minute) ?? []) {
      this.#busy.set(campaignId, (this.#busy.get(campaignId) ?? 0) - 1);
    }
    for (const waiting of this.#due.get(minute) ?? []) {
      const campaignId = partitionOf(waiting.call);
      const line = this.#lines.get(campaignId) ?? { waiting: [], isSorted: true };
      line.waiting.push(waiting);
      line.isSorted = false;
      this.#lines.set(campaignId, line);
    }
    this.#due.delete(minute);
    for (const [campaignId, line] of this.#lines) {
      await this.#dial(minute, campaignId, line);
      if (line.waiting.length === 0) this.#lines.delete(campaignId);
    }
  }

  async #dial(minute: number, campaignId: string, line: Line): Promise<void> {
    const { planner } = this.#snapshot;
    const start = this.#from + minute * MINUTE;
    if (!line.isSorted) line.waiting.sort((a, b) => b.call.priority - a.call.priority);
    line.isSorted = true;
    let passed = 0;
    for (const waiting of line.waiting) {
      if (this.#breather.isDue()) await this.#breather.breathe();
      const { call } = waiting;
      const limit = planner.limitOf(call);
      const busy = this.#busy.get(campaignId) ?? 0;
      if (limit !== null && busy >= limit) break;
      passed += 1;
      if (minute > waiting.minute) waiting.reason = 'NO_SLOT';
      const planned = planner.next(call, Math.max(start, waiting.from));
      // The window may have closed while the call waited for a slot.
      if (planned === null || planned.at >= start + MINUTE) this.#plan(waiting, start + MINUTE);
      else if (!this.#isCapped(waiting, planned.at)) {
        this.#busy.set(campaignId, busy + 1);
        const endsAt = minute + this.#callMinutes;
        const freed = this.#freed.get(endsAt) ?? [];
        freed.push(campaignId);
        this.#freed.set(endsAt, freed);
        this.#done.push({ call, at: planned.at, reason: waiting.reason });
      }
    }
    line.waiting.splice(0, passed);
  }

  #isCapped(waiting: Waiting, at: number): boolean {
    const { planner } = this.#snapshot;
    const cap = capOf(planner, waiting.call);
    if (cap === null) return false;
    const zone = planner.zoneOf(waiting.call);
    const key = numberDayKey({ ...cap, day: localDay(zone, at) });
    const count = this.#days.get(key) ?? 0;
    if (count < cap.maxAttempts) {
      this.#days.set(key, count + 1);
      return false;
    }
    waiting.reason = 'NUMBER_CAPPED';
    this.#plan(waiting, nextLocalMidnight(zone, at));
    return true;
  }
}
