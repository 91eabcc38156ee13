import { setTimeout as sleep } from 'node:timers/promises';
import { Fault } from '../../kernel/fault.ts';
import type { Database, Tx } from '../../kernel/postgres/database.ts';
import { LEASE_MILLISECONDS } from './lease.ts';
import { announceEpoch, bumpEpoch, isAnyNodeBehind } from './lease-store.ts';

const POLL_MILLISECONDS = 15;
/** A lease outlives a change by at most its length; the rest allows for slow answers. */
const MAX_WAIT_MILLISECONDS = LEASE_MILLISECONDS + 1_000;

/** The change evicts it, and does not wait for this node's report. */
export interface OwnCache {
  readonly nodeId: string;
  evict(): void;
}

/**
 * Returns when no node can act on earlier state. Changes run one after the other, so rules such as
 * "one admin stays" hold. Fault: UNAVAILABLE if a saved change is not confirmed in time.
 */
export async function changeAccess<T>(
  db: Database,
  work: (tx: Tx) => Promise<T>,
  ownCache: OwnCache | null = null,
): Promise<T> {
  let epoch = 0;
  const change = db.transaction(async (tx) => {
    epoch = await bumpEpoch(tx);
    return work(tx);
  });
  // Also after a failure: if the answer to COMMIT is lost, the change may have been made.
  const result = await change.finally(() => ownCache?.evict());
  // Only saves waiting: a node that misses the notification sees the epoch when it renews its lease.
  await announceEpoch(db, epoch).catch(() => {});
  await waitForOtherNodes(db, epoch, ownCache?.nodeId ?? null);
  return result;
}

async function waitForOtherNodes(db: Database, epoch: number, ownNodeId: string | null) {
  const end = performance.now() + MAX_WAIT_MILLISECONDS;
  while (await isAnyNodeBehind(db, epoch, ownNodeId)) {
    if (performance.now() > end) {
      throw new Fault(
        'UNAVAILABLE',
        'The change is saved, but not every server has confirmed it; repeat the request to be sure.',
        { retryAfterSeconds: 1 },
      );
    }
    await sleep(POLL_MILLISECONDS);
  }
}
