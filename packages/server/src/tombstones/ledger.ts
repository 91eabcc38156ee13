import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import { Fault } from '../kernel/fault.ts';
import { openOutbox } from '../kernel/outbox.ts';
import type { Database } from '../kernel/postgres/database.ts';
import { databaseId } from '../kernel/postgres/installation-store.ts';
import { StartError } from '../kernel/start-error.ts';
import { ownDiskLedger } from './ledger-disk.ts';
import type { LedgerPlace } from './ledger-place.ts';
import {
  deletePending,
  findPending,
  findPlace,
  findWithPending,
  type LedgerEntry,
  lockLedger,
  queueAllEntries,
} from './ledger-store.ts';

/** Transactions add entries to the outbox `ledger_pending`, which are moved to the ledger. */
export type Ledger = Awaited<ReturnType<typeof openLedger>>;

export async function openLedgerPlace(
  config: Pick<Config, 'dataDir' | 'ledgerDir' | 's3'>,
): Promise<LedgerPlace> {
  if (config.ledgerDir !== null || config.s3 === null) return ownDiskLedger(config);
  const { s3Ledger } = await import('./ledger-s3.ts');
  return s3Ledger(config.s3);
}

const WRITE_BATCH_SIZE = 5_000;
const DELAY_MILLISECONDS = 1_000;

/** Starts a ledger if there is none, and writes entries that a crash left pending. */
export async function openLedger(db: Database, place: LedgerPlace, log: Logger) {
  const head = textOf(headOf(await databaseId(db)));
  await startLedger(db, place, head);
  const moveSome = (businessId: number) =>
    db.transaction(async (tx) => {
      await lockLedger(tx);
      const pending = await findPending(tx, businessId, WRITE_BATCH_SIZE);
      if (pending.length === 0) return 0;
      // After a crash before the commit, lines are written twice, which is harmless.
      await place.append(head + pending.map((entry) => textOf(entryOf(entry))).join(''));
      await deletePending(tx, businessId, pending);
      return pending.length;
    });
  /** Businesses that callers wait for, which a look-up in steps may not find in time. */
  const awaited = new Set<number>();
  /** A business on a lost node must not keep the others from being written. */
  const failures = new Map<number, unknown>();
  const move = async () => {
    failures.clear();
    for (const businessId of new Set([...awaited, ...(await findWithPending(db))])) {
      // Before the move: a caller that comes meanwhile waits for the next one.
      const isAwaited = awaited.delete(businessId);
      try {
        while ((await moveSome(businessId)) === WRITE_BATCH_SIZE);
      } catch (error) {
        if (isAwaited) awaited.add(businessId);
        failures.set(businessId, error);
      }
    }
    for (const failure of failures.values()) throw failure;
  };
  const writeOf = async (businessId: number) => {
    awaited.add(businessId);
    try {
      await outbox.drain();
    } catch (error) {
      if (failures.size === 0 || failures.has(businessId)) {
        throw failures.get(businessId) ?? error;
      }
    }
  };
  const onError = (error: unknown) =>
    log.error({ err: error }, 'the ledger of erasures could not be written and will be retried');
  const outbox = openOutbox({ work: move, everyMs: null, soonMs: DELAY_MILLISECONDS, onError });
  const writeFoundOrSay = () => outbox.drain().catch(onError);
  await writeFoundOrSay();
  return {
    /** Writes what the business committed before this call. Fault: UNAVAILABLE. */
    writeOf,
    /** Failures are logged and retried every minute. */
    writeOrSay: (businessId: number) => writeOf(businessId).catch(onError),
    /** Writes all pending entries; on a cluster, those of the next businesses. Fault: UNAVAILABLE. */
    writeFound: outbox.drain,
    /** Writes the entries of the business soon. */
    touched(businessId: number) {
      awaited.add(businessId);
      outbox.touch();
    },
    async close() {
      await outbox.close();
      await writeFoundOrSay();
      await place.close();
    },
  };
}

async function startLedger(db: Database, place: LedgerPlace, head: string): Promise<void> {
  const onPlace = <T>(work: Promise<T>) =>
    work.catch((cause: unknown) => {
      throw new StartError(
        `The ledger of erasures cannot be kept in ${place.name} (${reasonOf(cause)}); make that writable, or name another folder with LEDGER_DIR.`,
        { cause },
      );
    });
  const client = await db.connect('colloquy-ledger');
  try {
    const isThere = await onPlace(isStarted(place));
    if (!isThere || (await findPlace(client)) !== place.kept) {
      await queueAllEntries(client, place.kept).catch((cause: unknown) => {
        throw new StartError(
          `The ledger of erasures is new in ${place.name}, and the database did not give its entries (${reasonOf(cause)}); start again when all nodes of the database answer, or use the previous place until then.`,
          { cause },
        );
      });
    }
    // Last, so an interrupted start repeats everything.
    if (!isThere) await onPlace(place.append(head));
  } finally {
    await client.end();
  }
}

function reasonOf(error: unknown): string {
  const reason = error instanceof Fault && error.cause !== undefined ? error.cause : error;
  return reason instanceof Error ? reason.message : String(reason);
}

async function isStarted(place: LedgerPlace): Promise<boolean> {
  for await (const _ of place.lines()) return true;
  return false;
}

/** Separates lines of this database from those of others. */
const headOf = (installation: string) => ({ Ledger: 'colloquy', Installation: installation });

const entryOf = ({ at, businessId, idHash, parts }: LedgerEntry) => ({
  At: new Date(at).toISOString(),
  BusinessId: businessId,
  IdHash: idHash,
  Parts: parts,
});

type Line = ReturnType<typeof headOf> | ReturnType<typeof entryOf>;

const textOf = (line: Line) => `${JSON.stringify(line)}\n`;

const READ_BATCH_SIZE = 1_000;

/** Skips lines that a crash cut off; their entries were written again. */
export async function* readLedger(
  place: Pick<LedgerPlace, 'lines'>,
  installation: string,
): AsyncGenerator<LedgerEntry[]> {
  let isOurs = false;
  let entries: LedgerEntry[] = [];
  for await (const line of place.lines()) {
    const value = parseLine(line);
    if (value && 'Ledger' in value) isOurs = value.Installation === installation;
    else if (value && isOurs) {
      const { At, BusinessId, IdHash, Parts } = value;
      entries.push({ at: Date.parse(At), businessId: BusinessId, idHash: IdHash, parts: Parts });
      if (entries.length < READ_BATCH_SIZE) continue;
      yield entries;
      entries = [];
    }
  }
  yield entries;
}

function parseLine(line: string): Line | null {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
