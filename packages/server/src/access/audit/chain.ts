import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from '../../context.ts';
import { certify } from '../../kernel/certificate.ts';
import { formatInstant } from '../../kernel/instant.ts';
import type { Tx } from '../../kernel/postgres/database.ts';
import {
  type AuditEntry,
  addChained,
  type ChainEnd,
  findChainEnd,
  listWithPending,
  lockChain,
  takePending,
} from './chain-store.ts';

export type ChainContext = Pick<Context, 'db' | 'clock' | 'log' | 'secrets'>;

const AT_ONCE = 1000;
/** How long a reader waits for whoever chains just then, and how often it looks. */
const PATIENCE_MILLISECONDS = 1_000;
const LOOK_MILLISECONDS = 20;
const EVERY_MILLISECONDS = 2_000;

/**
 * The hash of an entry: SHA-256, in hex, over its RFC 8785 form with the hash of the entry before it.
 * The id of the subject is no part of it, so that it can be erased.
 */
export function hashEntry(
  businessId: number,
  number: number,
  entry: AuditEntry,
  previousHash: string,
): string {
  const details = entry.details === null ? null : JSON.parse(entry.details);
  const hashed = {
    Action: entry.action,
    ApiKeyId: entry.apiKeyId,
    At: formatInstant(entry.at),
    BusinessId: businessId,
    Details: details,
    Number: number,
    PreviousHash: previousHash,
    SubjectHash: entry.subjectHash,
    SubjectKind: entry.kind,
    UserId: entry.userId,
  };
  // A list of keys has them written in its order, at every depth: what RFC 8785 asks for beyond JSON.
  const keys = [...Object.keys(hashed), ...Object.keys(details ?? {})].sort();
  return createHash('sha256').update(JSON.stringify(hashed, keys)).digest('hex');
}

/** Chains what is committed of a business and signs where the chain then ends, in batches. */
export async function chainBusiness(ctx: ChainContext, businessId: number): Promise<void> {
  let chained = AT_ONCE;
  while (chained === AT_ONCE) {
    chained = (await ctx.db.transaction((tx) => chainSome(ctx, tx, businessId, 'wait'))) ?? 0;
  }
}

/**
 * The same for a reader, so that it finds what was committed before it asked: no more than some batches,
 * and no longer than a second where somebody else is at it.
 */
export async function chainForReader(ctx: ChainContext, businessId: number): Promise<void> {
  const begin = performance.now();
  for (let batch = 0; batch < 5; ) {
    const chained = await ctx.db.transaction((tx) => chainSome(ctx, tx, businessId, 'try'));
    if (chained === null) {
      if (performance.now() - begin > PATIENCE_MILLISECONDS) return;
      await sleep(LOOK_MILLISECONDS);
      continue;
    }
    if (chained < AT_ONCE) return;
    batch += 1;
  }
}

/** How many; null where somebody else is at it. */

async function chainSome(
  { clock, secrets }: ChainContext,
  tx: Tx,
  businessId: number,
  wish: 'wait' | 'try',
): Promise<number | null> {
  if (!(await lockChain(tx, businessId, wish))) return null;
  let end: ChainEnd = await findChainEnd(tx, businessId);
  const entries = [];
  for (const entry of await takePending(tx, businessId, AT_ONCE)) {
    const number = end.number + 1;
    end = { number, hash: hashEntry(businessId, number, entry, end.hash) };
    entries.push({ ...entry, ...end });
  }
  if (entries.length === 0) return 0;
  const at = clock.now();
  const signature = await certify(secrets, 'colloquy-audit+jwt', {
    BusinessId: businessId,
    Number: end.number,
    Hash: end.hash,
    At: formatInstant(at),
  });
  await addChained(tx, businessId, entries, { ...end, at, signature });
  return entries.length;
}

/** Chains what is committed of all businesses. What fails in one is logged and tried again later. */
export async function chainAll(ctx: ChainContext): Promise<void> {
  for (const businessId of await listWithPending(ctx.db)) {
    await chainBusiness(ctx, businessId).catch((error: unknown) => {
      ctx.log.warn({ err: error, businessId }, 'the audit log was not chained');
    });
  }
}

/** Chains every few seconds; any number of nodes may. */
export function startChaining(ctx: ChainContext): { close(): Promise<void> } {
  let running: Promise<void> | null = null;
  const timer = setInterval(() => {
    running ??= chainAll(ctx)
      .catch((error: unknown) => ctx.log.warn({ err: error }, 'the audit log was not chained'))
      .finally(() => {
        running = null;
      });
  }, EVERY_MILLISECONDS);
  timer.unref();
  return {
    async close() {
      clearInterval(timer);
      await running;
    },
  };
}
