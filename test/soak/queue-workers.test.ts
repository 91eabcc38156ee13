import type { ConversationEvent } from '@colloquy/wire';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { followConversation } from '../../packages/server/src/queues/calls/follow.ts';
import { minuteJobs } from '../../packages/server/src/rooms.ts';
import { wrongCounts } from '../fixtures/queue-actions.ts';
import { FakeClock, startTestServer, type TestServer } from '../servers/test-server.ts';
import { proofSettings, randomFrom, reportProof } from './proof.ts';

// Two servers share a database and a clock, in the night in which Berlin puts its clocks forward.
const START = Date.parse('2026-03-28T06:00:00Z');
const WORKERS = 20;
const { rounds: nights, seed, timeoutMs } = proofSettings(2, 30);
const CALLS = 80 * nights;
const STEP_SECONDS = 300;
const STEPS = nights * 24 * 12;
const LEASE_SECONDS = 120;
const SLOTS = 4;
const CAP = 2;

let first: TestServer;
let second: TestServer;
let businessId: number;
const clock = new FakeClock(START);
beforeAll(async () => {
  first = await startTestServer({ overrides: { clock } });
  second = await startTestServer({ connection: first.connection, overrides: { clock } });
  businessId = await first.newBusiness();
});
afterAll(async () => {
  await second[Symbol.asyncDispose]();
  await first[Symbol.asyncDispose]();
});

const random = randomFrom(seed);
const below = (n: number) => Math.floor(random() * n);

interface Dial {
  readonly queueId: string;
  readonly campaign: string | null;
  readonly number: string;
  readonly zone: string;
  readonly at: number;
  /** When the worker or its conversation released the call; null if the worker died. */
  until: number | null;
}
const dials: Dial[] = [];
const forbidden = new Map<string, { from: number; to: number }>();
const ZONES = ['Europe/Berlin', 'America/New_York', 'Asia/Kolkata'];
const zones = new Map<string, string>();
const campaigns = new Map<string, string | null>();

/** The wall clock in a zone, computed independently of the server's code. */
function wallClock(zone: string, at: number) {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    weekday: 'short',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(at);
  const part = (type: string) => parts.find((one) => one.type === type)?.value ?? '';
  return {
    time: `${part('hour')}:${part('minute')}`,
    day: `${part('year')}-${part('month')}-${part('day')}`,
  };
}
const isOpen = (zone: string, at: number) => {
  const { time } = wallClock(zone, at);
  // From 22:00 to 04:30, over midnight and the change of the clock; and from 09:00 to 17:00.
  return time >= '22:00' || time < '04:30' || (time >= '09:00' && time < '17:00');
};
const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const Windows = [
  { Days: DAYS, From: '22:00', To: '04:30' },
  { Days: DAYS, From: '09:00', To: '17:00' },
];
const Retry = {
  MaxAttempts: 3,
  On: ['UserNoAnswer', 'VoicemailDetected'],
  DelaySeconds: 1_800,
  Backoff: 'Exponential',
};

async function fillQueue(): Promise<void> {
  for (const campaignId of ['a', 'b']) {
    await first.admin.putCampaign({
      businessId,
      campaignId,
      Windows,
      Retry,
      MaxConcurrent: SLOTS,
      MaxAttemptsPerNumberPerDay: CAP,
      // Longer than any call here, because an abandoned call frees its slot while it may continue.
      AbandonAfterSeconds: 86_400,
    } as never);
  }
  for (const CampaignId of ['a', 'b', null]) {
    const Recipients = Array.from({ length: CALLS / 3 }, (_, at) => ({
      RecipientNumber: `+4930${100_000 + at}`,
      TimeZone: ZONES[at % ZONES.length],
    }));
    const { QueueIds } = await first.admin.initiateCall({
      businessId,
      CampaignId,
      NumberId: 'n',
      Recipients,
      Priority: below(3),
      ...(CampaignId === null && { Windows, Retry }),
    } as never);
    for (const [at, id] of QueueIds.entries()) {
      if (id === null) continue;
      zones.set(id, ZONES[at % ZONES.length] ?? 'UTC');
      campaigns.set(id, CampaignId);
    }
  }
}

interface Held {
  readonly queueId: string;
  readonly token: string;
  readonly dial: Dial;
  readonly busyUntil: number;
  sessionId: string | null;
}

const iso = (at: number) => new Date(at).toISOString();
let sessions = 0;

/** A worker that leases calls, reports them in different ways, and may die at any time. */
class Worker {
  readonly id: string;
  readonly server: TestServer;
  held: Held[] = [];
  constructor(at: number) {
    this.id = `worker-${at}`;
    this.server = at % 2 === 0 ? first : second;
  }

  async step(): Promise<void> {
    if (below(20) === 0) this.die();
    for (const held of [...this.held]) await this.finish(held);
    if (this.held.length > 0) return;
    const { Calls } = await this.server.admin.leaseOutboundCalls({
      businessId,
      WorkerId: this.id,
      Max: 1 + below(3),
      LeaseSeconds: LEASE_SECONDS,
    });
    for (const call of Calls) {
      const dial: Dial = {
        queueId: call.QueueId,
        campaign: call.CampaignId,
        number: call.RecipientNumber,
        zone: zones.get(call.QueueId) ?? '',
        at: clock.now(),
        until: null,
      };
      dials.push(dial);
      const held: Held = {
        queueId: call.QueueId,
        token: call.LeaseToken,
        dial,
        busyUntil: clock.now() + below(3) * STEP_SECONDS * 1000,
        sessionId: null,
      };
      this.held.push(held);
      if (below(2) === 0) await this.converse(held);
    }
  }

  die(): void {
    for (const { dial, sessionId } of this.held) {
      // The conversation continues without the worker; the engine reports its end.
      if (sessionId === null) dial.until = dial.at + LEASE_SECONDS * 1000;
    }
    for (const held of this.held) if (held.sessionId !== null) orphans.push(held);
    this.held = [];
  }

  async converse(held: Held): Promise<void> {
    sessions += 1;
    held.sessionId = `session-${sessions}`;
    await append(this.server, held.sessionId, {
      EventId: 'start',
      Type: 'SessionStarted',
      Timestamp: iso(clock.now()),
      InitiationType: 'Outbound',
      QueueId: held.queueId,
    } as ConversationEvent);
  }

  async finish(held: Held): Promise<void> {
    if (clock.now() < held.busyUntil) {
      const beat = { businessId, queueId: held.queueId, LeaseToken: held.token, LeaseSeconds: 600 };
      await this.server.admin.heartbeatOutboundCall(beat).catch(lost(this, held));
      return;
    }
    this.held = this.held.filter((other) => other !== held);
    if (held.sessionId !== null && below(2) === 0) return endSession(this.server, held);
    const report = { businessId, queueId: held.queueId, LeaseToken: held.token };
    const EndType = ['Normal', 'UserNoAnswer', 'VoicemailDetected'][below(3)];
    const { admin } = this.server;
    const done =
      below(2) === 0
        ? admin.completeOutboundCall({ ...report, EndType } as never)
        : admin.failOutboundCall({ ...report, EndType } as never);
    await done.catch(lost(this, held));
    held.dial.until ??= clock.now();
  }
}

const orphans: Held[] = [];

const append = (server: TestServer, sessionId: string, ...Events: ConversationEvent[]) =>
  server.admin.appendConversationEvents({ businessId, sessionId, Events });

async function endSession(server: TestServer, held: Held): Promise<void> {
  const { sessionId, queueId, dial } = held;
  if (sessionId === null) return;
  const EndType = ['Normal', 'UserNoAnswer', 'MidSessionFailure'][below(3)];
  await append(server, sessionId, {
    EventId: 'end',
    Type: 'SessionEnded',
    Timestamp: iso(clock.now()),
    EndType,
  } as ConversationEvent);
  // Does the work of the job at the same instant of the clock.
  await followConversation(server.app.ctx, { businessId, queueId });
  dial.until ??= clock.now();
}

/** An expired call lease is the only valid reason to refuse a report. */
const lost = (worker: Worker, held: Held) => (error: { status?: number }) => {
  expect(error.status).toBe(409);
  held.dial.until ??= held.dial.at + LEASE_SECONDS * 1000;
  worker.held = worker.held.filter((other) => other !== held);
};

test(
  'twenty workers, some of which die, never break the rules of a queue over a clock change',
  async () => {
    await fillQueue();
    const workers = Array.from({ length: WORKERS }, (_, at) => new Worker(at));
    const jobs = minuteJobs(first.app.ctx);
    for (let step = 0; step < STEPS; step += 1) {
      await Promise.all(workers.map((worker) => worker.step()));
      for (const held of orphans.splice(0)) {
        if (below(3) > 0) orphans.push(held);
        else await endSession(second, held);
      }
      if (step % 40 === 10) {
        const number = `+4930${100_000 + below(CALLS / 3)}`;
        if (!forbidden.has(number)) {
          await second.admin.addDoNotCall({ businessId, Numbers: [number] });
          forbidden.set(number, { from: clock.now(), to: Number.POSITIVE_INFINITY });
        }
      }
      if (step % 12 === 0) await jobs['return-lapsed-calls']?.();
      clock.advance(STEP_SECONDS);
    }
    for (const held of orphans.splice(0)) await endSession(second, held);
    clock.advance(3_600);
    await jobs['return-lapsed-calls']?.();

    // Two workers never have the same call.
    for (const ofCall of Map.groupBy(dials, ({ queueId }) => queueId).values()) {
      for (const [at, dial] of ofCall.entries()) {
        const next = ofCall[at + 1];
        if (next) expect(dial.until ?? Number.POSITIVE_INFINITY).toBeLessThanOrEqual(next.at);
      }
    }
    // No call is dialed outside of its window or to a number on the do-not-call list.
    for (const { zone, at, number } of dials) {
      expect([zone, iso(at), isOpen(zone, at)]).toEqual([zone, iso(at), true]);
      const { from } = forbidden.get(number) ?? { from: Number.POSITIVE_INFINITY };
      expect(at).toBeLessThanOrEqual(from);
    }
    // The caps per number and local day, and per campaign, are never exceeded.
    const inCampaigns = dials.filter(({ campaign }) => campaign !== null);
    const perDay = Map.groupBy(
      inCampaigns,
      ({ campaign, number, zone, at }) => `${campaign} ${number} ${wallClock(zone, at).day}`,
    );
    for (const ofDay of perDay.values()) expect(ofDay.length).toBeLessThanOrEqual(CAP);
    for (const ofCampaign of Map.groupBy(inCampaigns, ({ campaign }) => campaign).values()) {
      for (const { at } of ofCampaign) {
        const atOnce = ofCampaign.filter(
          (other) => other.at <= at && at < (other.until ?? Number.POSITIVE_INFINITY),
        );
        expect(atOnce.length).toBeLessThanOrEqual(SLOTS);
      }
    }
    await expectNoneLost();
    expect(await wrongCounts(first)).toEqual([]);
    reportProof(`${CALLS} calls in ${nights} nights, ${dials.length} dials, seed ${seed}`);
  },
  timeoutMs,
);

/** Every call exists once, and its history has every decision once and leads to its state. */
async function expectNoneLost(): Promise<void> {
  const entries = [];
  for await (const entry of first.admin.items('getOutboundQueues', { businessId, Limit: 100 })) {
    entries.push(entry);
  }
  expect(new Set(entries.map(({ QueueId }) => QueueId))).toEqual(new Set(zones.keys()));
  const { db } = first.app.ctx;
  const { rows } = await db.pool.query(
    `SELECT status, count(*)::int AS n FROM outbound_calls WHERE business_id = $1 GROUP BY 1`,
    [businessId],
  );
  const ended = rows.filter(({ status }) => status === 'Completed' || status === 'Failed');
  expect(ended.length).toBe(2);
  for (const { status, n } of rows) {
    const counted = await first.admin.countOutboundQueues({
      businessId,
      QueueStatusTypes: [status],
    });
    expect([status, counted]).toEqual([status, n]);
  }
  for (const { QueueId: queueId, Status, Attempts } of entries) {
    const { Entries } = await first.admin.getOutboundQueueHistory({ businessId, queueId });
    const told = Entries.map(({ Decision }) => Decision);
    const count = (name: string) => told.filter((decision) => decision === name).length;
    const ownDials = dials.filter((dial) => dial.queueId === queueId).length;
    expect([queueId, count('Leased')]).toEqual([queueId, ownDials]);
    expect(count('Enqueued')).toBe(1);
    expect(count('Leased') - count('LeaseExpired')).toBe(Attempts);
    const isUnderWay = Status === 'Processing' ? 1 : 0;
    // A late report of the conversation of an abandoned attempt ends the attempt again.
    const lateEnds = Entries.filter(({ Decision, Details }) => {
      return Decision === 'AttemptEnded' && Details.includes('reported late');
    }).length;
    expect(count('AttemptEnded') - lateEnds).toBe(Attempts - isUnderWay);
    const isOver = Status === 'Completed' || Status === 'Failed';
    expect(count('Completed') + count('Failed') - lateEnds).toBe(isOver ? 1 : 0);
    const byLeases = Entries.at(-1)?.Reason === 'LEASE_EXPIRED';
    const ends = count('AttemptEnded') - lateEnds;
    expect(count('RetryScheduled')).toBe(ends - (isOver && !byLeases ? 1 : 0));
    const times = Entries.map(({ At }) => Date.parse(At));
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  }
}
