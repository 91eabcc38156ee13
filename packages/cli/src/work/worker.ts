import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, ColloquyError, ConnectionError } from '@colloquy/sdk';
import { failureSentence } from '../failure.ts';
import { type LeasedCall, playCall, type SampleCall } from './play.ts';
import samples from './sample-calls.json' with { type: 'json' };

type Direction = 'outbound' | 'inbound';

interface WorkOptions {
  readonly client: Client;
  readonly businessId: number;
  readonly workerId: string;
  readonly directions: readonly Direction[];
  readonly slots: number;
  readonly speed: number;
  /** Ends after this many calls; null for no limit. */
  readonly count?: number;
  /** Leases no further calls, but plays those under way. */
  readonly stop: AbortSignal;
  readonly log: (line: string) => void;
  /** Milliseconds between attempts while a quota is reached; a minute by default. */
  readonly retryQuotaAfter?: number;
}

const LEASE_SECONDS = 60;
const WAIT_SECONDS = 20;
const RETRY_MILLISECONDS = 2_000;
/** A quota is raised by an admin, or begins again with the next month. */
const QUOTA_RETRY_MILLISECONDS = 60_000;

const isAnswered = ({ Messages }: SampleCall) => (Messages ?? []).length > 0;
const SAMPLES = samples as unknown as readonly SampleCall[];
const OF_DIRECTION: Readonly<Record<Direction, readonly SampleCall[]>> = {
  outbound: SAMPLES.filter(({ InitiationType }) => InitiationType === 'Outbound'),
  inbound: SAMPLES.filter(({ InitiationType }) => InitiationType === 'Inbound'),
};

export async function work(options: WorkOptions): Promise<{ played: number; failed: number }> {
  const tally = { played: 0, failed: 0 };
  const ended = new AbortController();
  const stop = AbortSignal.any([options.stop, ended.signal]);
  let leased = 0;

  async function slot(direction: Direction): Promise<void> {
    while (!stop.aborted) {
      const call = await leaseCall(options, direction, stop);
      if (!call) continue;
      leased += 1;
      // Ends the waiting of the other slots.
      if (leased === options.count) ended.abort();
      tally[(await handleCall(options, direction, call)) ? 'played' : 'failed'] += 1;
    }
  }
  const slots = options.directions.flatMap((direction) =>
    Array.from({ length: options.slots }, () => slot(direction)),
  );
  await Promise.all(slots);
  return tally;
}

/** null if none is due, or without an answer. */
async function leaseCall(
  { client, businessId, workerId, log, retryQuotaAfter = QUOTA_RETRY_MILLISECONDS }: WorkOptions,
  direction: Direction,
  signal: AbortSignal,
): Promise<LeasedCall | null> {
  const times = { LeaseSeconds: LEASE_SECONDS, WaitSeconds: WAIT_SECONDS };
  const request = { businessId, WorkerId: workerId, Max: 1, ...times };
  try {
    const { Calls } =
      direction === 'outbound'
        ? await client.leaseOutboundCalls(request, { signal })
        : await client.leaseInboundCalls(request, { signal });
    return (Calls[0] as LeasedCall | undefined) ?? null;
  } catch (error) {
    if (signal.aborted) return null;
    if (!isTemporary(error)) throw error;
    const isOverQuota = exceedsQuota(error);
    log(`${failureSentence(error)} Trying again${isOverQuota ? ' later' : ''}.`);
    const milliseconds = isOverQuota ? retryQuotaAfter : RETRY_MILLISECONDS;
    await sleep(milliseconds, undefined, { signal }).catch(() => undefined);
    return null;
  }
}

const exceedsQuota = (error: unknown) =>
  error instanceof ColloquyError && error.reason === 'QUOTA_EXCEEDED';

const isTemporary = (error: unknown) =>
  error instanceof ConnectionError ||
  (error instanceof ColloquyError && error.status >= 429) ||
  exceedsQuota(error);

/** False if it fails, which is logged. */
async function handleCall(options: WorkOptions, direction: Direction, call: LeasedCall) {
  const { client, businessId, log, speed, stop } = options;
  const number = call.RecipientNumber ?? call.CallerNumber ?? '';
  const pool = OF_DIRECTION[direction];
  const sample = pool[Math.floor(Math.random() * pool.length)];
  if (!sample) throw new Error(`there is no sample of an ${direction} call`);
  const EndType = sample.EndType ?? 'Normal';
  try {
    if (!isAnswered(sample)) {
      log(`${call.QueueId}  ${number}  ${EndType}`);
      const report = { businessId, queueId: call.QueueId, LeaseToken: call.LeaseToken, EndType };
      if (direction === 'outbound') await client.failOutboundCall(report);
      else await client.failInboundCall(report);
      return true;
    }
    const sessionId = `session_${randomBytes(12).toString('hex')}`;
    log(`${call.QueueId}  ${number}  talking in ${sessionId}`);
    const initiationType = direction === 'outbound' ? 'Outbound' : 'Inbound';
    const playing = { client, businessId, sessionId, call, sample, initiationType, speed } as const;
    await playCall({ ...playing, hurry: stop });
    log(`${call.QueueId}  ${number}  ${EndType}`);
    return true;
  } catch (error) {
    log(`${call.QueueId}  ${number}  ${failureSentence(error)}`);
    return false;
  }
}
