import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, ColloquyError, ConnectionError } from '@colloquy/sdk';
import { failureSentence } from '../failure.ts';
import { type LeasedCall, playCall, type SampleCall } from './play.ts';
import samples from './sample-calls.json' with { type: 'json' };

type Direction = 'outbound' | 'inbound';

export interface WorkOptions {
  readonly client: Client;
  readonly businessId: number;
  readonly workerId: string;
  readonly directions: readonly Direction[];
  /** Calls at a time in each direction. */
  readonly slots: number;
  readonly speed: number;
  /** Ends by itself after so many calls; null: never. */
  readonly count: number | null;
  /** No more calls are taken once it is aborted; those that are under way are played to their end. */
  readonly stop: AbortSignal;
  readonly say: (line: string) => void;
}

const LEASE_SECONDS = 60;
const WAIT_SECONDS = 20;
const RETRY_MILLISECONDS = 2_000;

/** Who has nothing to say has not answered: those calls end without a conversation. */
const isAnswered = ({ Messages }: SampleCall) => (Messages ?? []).length > 0;
// The bodies were written by PutConversation's rules.
const SAMPLES = samples as unknown as readonly SampleCall[];
const OF_DIRECTION: Readonly<Record<Direction, readonly SampleCall[]>> = {
  outbound: SAMPLES.filter(({ InitiationType }) => InitiationType === 'Outbound'),
  inbound: SAMPLES.filter(({ InitiationType }) => InitiationType === 'Inbound'),
};

/** Takes calls from the queues and plays sample conversations in their place, until it is stopped. */
export async function work(options: WorkOptions): Promise<{ played: number; failed: number }> {
  const tally = { played: 0, failed: 0 };
  const ended = new AbortController();
  const stop = AbortSignal.any([options.stop, ended.signal]);
  let taken = 0;

  async function slot(direction: Direction): Promise<void> {
    while (!stop.aborted) {
      const call = await take(options, direction, stop);
      if (!call) continue;
      taken += 1;
      // Who still waits for another call has enough of them.
      if (taken === options.count) ended.abort();
      tally[(await handle(options, direction, call)) ? 'played' : 'failed'] += 1;
    }
  }
  const slots = options.directions.flatMap((direction) =>
    Array.from({ length: options.slots }, () => slot(direction)),
  );
  await Promise.all(slots);
  return tally;
}

/** The next call; null where none came, or the server did not answer. */
async function take(
  { client, businessId, workerId, say }: WorkOptions,
  direction: Direction,
  signal: AbortSignal,
): Promise<LeasedCall | null> {
  const request = {
    businessId,
    WorkerId: workerId,
    Max: 1,
    LeaseSeconds: LEASE_SECONDS,
    WaitSeconds: WAIT_SECONDS,
  };
  try {
    const { Calls } =
      direction === 'outbound'
        ? await client.leaseOutboundCalls(request, { signal })
        : await client.leaseInboundCalls(request, { signal });
    return (Calls[0] as LeasedCall | undefined) ?? null;
  } catch (error) {
    if (signal.aborted) return null;
    if (!isPassing(error)) throw error;
    say(`${failureSentence(error)} Trying again.`);
    await sleep(RETRY_MILLISECONDS, undefined, { signal }).catch(() => undefined);
    return null;
  }
}

const isPassing = (error: unknown) =>
  error instanceof ConnectionError || (error instanceof ColloquyError && error.status >= 429);

/** Plays a call or reports that nobody answered; false where that went wrong, which is said. */
async function handle(
  options: WorkOptions,
  direction: Direction,
  call: LeasedCall,
): Promise<boolean> {
  const { client, businessId, say, speed, stop } = options;
  const number = call.RecipientNumber ?? call.CallerNumber ?? '';
  const pool = OF_DIRECTION[direction];
  const sample = pool[Math.floor(Math.random() * pool.length)];
  if (!sample) throw new Error(`there is no sample of an ${direction} call`);
  const EndType = sample.EndType ?? 'Normal';
  try {
    if (!isAnswered(sample)) {
      say(`${call.QueueId}  ${number}  ${EndType}`);
      const report = { businessId, queueId: call.QueueId, LeaseToken: call.LeaseToken, EndType };
      if (direction === 'outbound') await client.failOutboundCall(report);
      else await client.failInboundCall(report);
      return true;
    }
    const sessionId = `session_${randomBytes(12).toString('hex')}`;
    say(`${call.QueueId}  ${number}  talking in ${sessionId}`);
    const initiationType = direction === 'outbound' ? 'Outbound' : 'Inbound';
    await playCall({
      client,
      businessId,
      sessionId,
      call,
      sample,
      initiationType,
      speed,
      hurry: stop,
    });
    say(`${call.QueueId}  ${number}  ${EndType}`);
    return true;
  } catch (error) {
    say(`${call.QueueId}  ${number}  ${failureSentence(error)}`);
    return false;
  }
}
