import { MAX_OCCUPANTS, MAX_SIMULATED } from '@colloquy/wire';
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
  /** null: all calls. */
  readonly campaignIds: readonly string[] | null;
  readonly callSeconds: number;
}

export interface Simulated {
  readonly call: OutboundCall;
  /** null where it is not dialed. */
  readonly at: number | null;
  readonly reason: string | null;
}

export interface Simulation {
  readonly from: number;
  readonly until: number;
  /** How many are dialed in each hour. */
  readonly hours: readonly number[];
  /** How many wait for what at the start, the most first; null: nothing, these are due. */
  readonly waiting: readonly { readonly reason: string | null; readonly calls: number }[];
  readonly calls: readonly Simulated[];
  /** Campaigns all of whose slots are occupied at the start, and by which calls. */
  readonly occupied: readonly {
    readonly campaignId: string;
    readonly maxConcurrent: number;
    readonly queueIds: readonly string[];
  }[];
  /** False where more calls wait than were looked at. */
  readonly isComplete: boolean;
}

/** More full campaigns than these are not told of. */
const MAX_OCCUPIED = 100;

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/**
 * What would be dialed when over the next hours, and what not and why: as if workers were there at any
 * time, each call took as long and none were repeated. Touches nothing.
 */
export async function simulate(
  ctx: Pick<Context, 'db' | 'clock'>,
  scope: Scope,
  { hours, campaignIds, callSeconds }: SimulationRequest,
): Promise<Simulation> {
  const from = ctx.clock.now();
  const until = from + hours * HOUR;
  const looked = await ctx.db.patient.transaction(async (tx) => {
    const lanes = (await findPartitions(tx, scope, 'outbound')).filter(
      ({ lane }) => campaignIds === null || campaignIds.includes(lane),
    );
    // Many lanes are looked at less deeply each, so that all of them are.
    const perLane = Math.ceil((2 * MAX_SIMULATED) / (lanes.length + 1));
    const limit = MAX_SIMULATED + 1;
    const found = await peekWaiting(tx, scope, { lanes, campaignIds, perLane, limit });
    const perFound = Map.groupBy(found, (call) => `${call.priority} ${partitionOf(call)}`);
    const isCut = [...perFound.values()].some((ofLane) => ofLane.length >= perLane);
    const calls = found.slice(0, MAX_SIMULATED);
    const planner = await plannerOf(tx, scope, await readQueue(tx, scope, 'outbound'), calls);
    const numbers = calls.map(({ recipientNumber }) => recipientNumber);
    // To a masked reader a reason that depends on the number would tell whether a guess is right.
    const isHidden = isMasked(scope);
    const forbidden = isHidden ? new Set<string>() : await findDoNotCall(tx, scope, numbers);
    const repeats = isHidden ? new Set<string>() : await findBlockedRepeats(tx, scope, calls);
    const capped = calls.flatMap((call) => cappedBy(planner, call) ?? []);
    const days = isHidden ? new Map() : await findNumberDays(tx, scope, capped, from);
    const occupied = await findOccupied(tx, scope, lanes);
    const busy = new Map(lanes.map(({ lane, underWay }) => [lane, underWay]));
    const isComplete = found.length < limit && !isCut;
    return { calls, planner, forbidden, repeats, isHidden, days, busy, occupied, isComplete };
  });
  const dialing = new DialSimulator(looked, { from, until, callMilliseconds: callSeconds * 1000 });
  const calls = await dialing.run(looked.calls);
  const perHour = Array.from({ length: hours }, () => 0);
  for (const { at } of calls) {
    if (at !== null) {
      const hour = Math.floor((at - from) / HOUR);
      perHour[hour] = (perHour[hour] ?? 0) + 1;
    }
  }
  const waiting = waitingAt(from, calls);
  const { occupied, isComplete } = looked;
  return { from, until, hours: perHour, waiting, calls, occupied, isComplete };
}

async function findOccupied(
  tx: Tx,
  scope: Scope,
  lanes: readonly Partition[],
): Promise<Simulation['occupied']> {
  const limits = new Map<string, number>();
  for (const { lane, maxConcurrent, underWay } of lanes) {
    const isFull = maxConcurrent !== null && underWay >= maxConcurrent;
    if (isFull && limits.size < MAX_OCCUPIED) limits.set(lane, maxConcurrent);
  }
  const occupants = await findOccupants(tx, scope, [...limits.keys()], MAX_OCCUPANTS);
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

/** What caps the attempts on the number of a call; null without a cap. */
function cappedBy(planner: Planner, call: OutboundCall) {
  const [campaign, most] = [planner.campaignOf(call), planner.capOf(call)];
  if (!campaign || most === null) return null;
  return { campaignId: campaign.id, number: call.recipientNumber, most };
}

interface Looked {
  readonly planner: Planner;
  readonly forbidden: ReadonlySet<string>;
  /** The ids of calls whose number waits in another call. */
  readonly repeats: ReadonlySet<string>;
  /** Whether the reader is masked. */
  readonly isHidden: boolean;
  readonly days: ReadonlyMap<string, number>;
  readonly busy: ReadonlyMap<string, number>;
}

interface Waiting {
  readonly call: OutboundCall;
  reason: string | null;
  /** From when on it is due, and in which minute that is looked at. */
  from: number;
  minute: number;
}

/** The calls of a campaign that are due, highest priority first. */
interface Line {
  waiting: Waiting[];
  isSorted: boolean;
}

/** Goes through the time by minutes. */
class DialSimulator {
  readonly #looked: Looked;
  readonly #until: number;
  readonly #from: number;
  readonly #lasts: number;
  readonly #days: Map<string, number>;
  readonly #done: Simulated[] = [];
  readonly #breather = new Breather();
  /** By minute from the start. */
  readonly #due = new Map<number, Waiting[]>();
  readonly #lines = new Map<string, Line>();
  /** When slots of a campaign become free, by minute. */
  readonly #freed = new Map<number, string[]>();
  readonly #busy: Map<string, number>;
  /** The last that was looked at. */
  #minute = -1;

  constructor(
    looked: Looked,
    time: { readonly from: number; readonly until: number; readonly callMilliseconds: number },
  ) {
    this.#looked = looked;
    this.#from = time.from;
    this.#until = time.until;
    this.#lasts = Math.max(1, Math.ceil(time.callMilliseconds / MINUTE));
    this.#days = new Map(looked.days);
    this.#busy = new Map(looked.busy);
  }

  async run(calls: readonly OutboundCall[]): Promise<Simulated[]> {
    for (const [lane, count] of this.#busy) {
      // How long those that are under way go on nobody knows; as long as any other.
      this.#freed.set(this.#lasts, [
        ...(this.#freed.get(this.#lasts) ?? []),
        ...Array.from({ length: count }, () => lane),
      ]);
    }
    for (const call of calls) {
      this.#begin(call);
      if (this.#breather.isDue()) await this.#breather.breathe();
    }
    const minutes = (this.#until - this.#from) / MINUTE;
    for (let minute = 0; minute < minutes; minute += 1) await this.#pass(minute);
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
    const { planner, forbidden, repeats, isHidden } = this.#looked;
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

  /** It is due in its next window from an instant on. */
  #plan(waiting: Waiting, from: number): void {
    const { planner } = this.#looked;
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

  async #pass(minute: number): Promise<void> {
    this.#minute = minute;
    for (const lane of this.#freed.get(minute) ?? []) {
      this.#busy.set(lane, (this.#busy.get(lane) ?? 0) - 1);
    }
    for (const waiting of this.#due.get(minute) ?? []) {
      const lane = partitionOf(waiting.call);
      const line = this.#lines.get(lane) ?? { waiting: [], isSorted: true };
      line.waiting.push(waiting);
      line.isSorted = false;
      this.#lines.set(lane, line);
    }
    this.#due.delete(minute);
    for (const [lane, line] of this.#lines) {
      await this.#dial(minute, lane, line);
      if (line.waiting.length === 0) this.#lines.delete(lane);
    }
  }

  async #dial(minute: number, lane: string, line: Line): Promise<void> {
    const { planner } = this.#looked;
    const start = this.#from + minute * MINUTE;
    if (!line.isSorted) line.waiting.sort((a, b) => b.call.priority - a.call.priority);
    line.isSorted = true;
    let passed = 0;
    for (const waiting of line.waiting) {
      if (this.#breather.isDue()) await this.#breather.breathe();
      const { call } = waiting;
      const most = planner.campaignOf(call)?.maxConcurrent ?? null;
      const busy = this.#busy.get(lane) ?? 0;
      if (most !== null && busy >= most) break;
      passed += 1;
      if (minute > waiting.minute) waiting.reason = 'NO_SLOT';
      const planned = planner.next(call, Math.max(start, waiting.from));
      // Its window may have closed while it waited for a slot.
      if (planned === null || planned.at >= start + MINUTE) this.#plan(waiting, start + MINUTE);
      else if (!this.#isCapped(waiting, planned.at)) {
        this.#busy.set(lane, busy + 1);
        const freed = this.#freed.get(minute + this.#lasts) ?? [];
        freed.push(lane);
        this.#freed.set(minute + this.#lasts, freed);
        this.#done.push({ call, at: planned.at, reason: waiting.reason });
      }
    }
    line.waiting.splice(0, passed);
  }

  /** Counts the attempt; where its number has had all of the day it waits for the next. */
  #isCapped(waiting: Waiting, at: number): boolean {
    const { planner } = this.#looked;
    const cap = cappedBy(planner, waiting.call);
    if (cap === null) return false;
    const zone = planner.zoneOf(waiting.call);
    const key = numberDayKey({ ...cap, day: localDay(zone, at) });
    const count = this.#days.get(key) ?? 0;
    if (count < cap.most) {
      this.#days.set(key, count + 1);
      return false;
    }
    waiting.reason = 'NUMBER_CAPPED';
    this.#plan(waiting, nextLocalMidnight(zone, at));
    return true;
  }
}
