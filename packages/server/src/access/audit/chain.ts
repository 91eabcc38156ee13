import { hash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import canonicalize from 'canonicalize';
import type { Context } from '../../context.ts';
import { certify } from '../../kernel/certificate.ts';
import { formatInstant } from '../../kernel/instant.ts';
import { type Outbox, openOutbox } from '../../kernel/outbox.ts';
import type { Tx } from '../../kernel/postgres/database.ts';
import {
  type AuditEntry,
  addChained,
  type ChainEnd,
  findChainEnd,
  findPending,
  findWithPending,
  lockChain,
} from './chain-store.ts';

export type ChainContext = Pick<Context, 'db' | 'clock' | 'log' | 'secrets'>;

const BATCH_SIZE = 1000;
/** A reader waits for another node that is chaining. */
const MAX_WAIT_MILLISECONDS = 1_000;
const POLL_MILLISECONDS = 20;
const INTERVAL_MILLISECONDS = 2_000;

/** Hashes RFC 8785 JSON with the previous hash, without the subject id, which can be erased. */
export function hashEntry(
  businessId: number,
  number: number,
  entry: AuditEntry,
  previousHash: string,
): string {
  const hashed = {
    Action: entry.action,
    ApiKeyId: entry.apiKeyId,
    At: formatInstant(entry.at),
    BusinessId: businessId,
    Details: entry.details === null ? null : JSON.parse(entry.details),
    Number: number,
    PreviousHash: previousHash,
    SubjectHash: entry.subjectHash,
    SubjectKind: entry.kind,
    UserId: entry.userId,
  };
  return hash('sha256', canonicalize(hashed) ?? '');
}

export async function chainBusiness(ctx: ChainContext, businessId: number): Promise<void> {
  let chained = BATCH_SIZE;
  while (chained === BATCH_SIZE) {
    chained = (await ctx.db.transaction((tx) => chainBatch(ctx, tx, businessId, 'wait'))) ?? 0;
  }
}

/** The reader then sees all that was committed before, up to 5 batches or a second of waiting. */
export async function chainForReader(ctx: ChainContext, businessId: number): Promise<void> {
  const begin = performance.now();
  for (let batch = 0; batch < 5; ) {
    const chained = await ctx.db.transaction((tx) => chainBatch(ctx, tx, businessId, 'try'));
    if (chained === null) {
      if (performance.now() - begin > MAX_WAIT_MILLISECONDS) return;
      await sleep(POLL_MILLISECONDS);
      continue;
    }
    if (chained < BATCH_SIZE) return;
    batch += 1;
  }
}

/** null: another node is chaining. */
async function chainBatch(
  { clock, secrets }: ChainContext,
  tx: Tx,
  businessId: number,
  mode: 'wait' | 'try',
): Promise<number | null> {
  if (!(await lockChain(tx, businessId, mode))) return null;
  const last = await findChainEnd(tx, businessId);
  const entries = await findPending(tx, businessId, BATCH_SIZE);
  if (entries.length === 0) return 0;
  const hashes: string[] = [];
  let end: ChainEnd = last;
  for (const entry of entries) {
    const number = end.number + 1;
    end = { number, hash: hashEntry(businessId, number, entry, end.hash) };
    hashes.push(end.hash);
  }
  const at = clock.now();
  const signature = await certify(secrets, 'colloquy-audit+jwt', {
    BusinessId: businessId,
    Number: end.number,
    Hash: end.hash,
    At: formatInstant(at),
  });
  await addChained(tx, businessId, { entries, hashes, last, head: { ...end, at, signature } });
  return entries.length;
}

export async function chainAll(ctx: ChainContext): Promise<void> {
  for (const businessId of await findWithPending(ctx.db)) {
    await chainBusiness(ctx, businessId).catch((error: unknown) => {
      ctx.log.warn(
        { err: error, businessId },
        'audit events were not chained; the next run retries',
      );
    });
  }
}

/** Any number of nodes may do so. */
export const startChaining = (ctx: ChainContext): Outbox =>
  openOutbox({
    work: () => chainAll(ctx),
    everyMs: INTERVAL_MILLISECONDS,
    onError: (error) =>
      ctx.log.warn({ err: error }, 'audit events were not chained; the next run retries'),
  });
