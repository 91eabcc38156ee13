import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import { Fault } from '../kernel/fault.ts';
import type { Database } from '../kernel/postgres/database.ts';
import { databaseId } from '../kernel/postgres/installation-store.ts';
import { StartError } from '../kernel/start-error.ts';
import { ownDiskLedger } from './ledger-disk.ts';
import type { LedgerPlace } from './ledger-place.ts';
import {
  findPending,
  findPlace,
  forgetPending,
  type LedgerEntry,
  lockLedger,
  writeAnew,
} from './ledger-store.ts';

/**
 * The ledger of erasures and purges: what went and when, by keyed hashes of ids. Transactions that let
 * go of something leave their entries in `ledger_pending`; from there they are moved to the ledger.
 */
export interface Ledger {
  /** Writes what was committed before this call. UNAVAILABLE where that cannot be done now. */
  write(): Promise<void>;
  /** The same; where it cannot be done now, it is logged, and tried again each minute. */
  writeOrSay(): Promise<void>;
  /** Has it written within a second. */
  touched(): void;
  close(): Promise<void>;
}

export async function openLedgerPlace(
  config: Pick<Config, 'dataDir' | 'ledgerDir' | 's3'>,
): Promise<LedgerPlace> {
  if (config.ledgerDir !== null || config.s3 === null) return ownDiskLedger(config);
  // Only here: who has no bucket does not pay for what is loaded with it.
  const { s3Ledger } = await import('./ledger-s3.ts');
  return s3Ledger(config.s3);
}

const AT_ONCE = 5_000;
const SOON_MILLISECONDS = 1_000;

/** Begins the ledger of this database where there is none, and moves what a crash has left. */
export async function openLedger(db: Database, place: LedgerPlace, log: Logger): Promise<Ledger> {
  const head = headLine(await databaseId(db));
  await begin(db, place, head);
  let running: Promise<void> | null = null;
  let next: Promise<void> | null = null;
  let timer: NodeJS.Timeout | null = null;

  const move = async () => {
    for (;;) {
      const moved = await db.transaction(async (tx) => {
        await lockLedger(tx);
        const pending = await findPending(tx, AT_ONCE);
        if (pending.length === 0) return 0;
        // A death before the commit has the lines written twice, which means the same.
        await place.append(head + pending.map(entryLine).join(''));
        await forgetPending(tx, pending);
        return pending.length;
      });
      if (moved < AT_ONCE) return;
    }
  };
  // What is under way may have looked before the caller's commit, so the turn after it counts; all who
  // wait share that.
  const write = (): Promise<void> => {
    next ??= (running ?? Promise.resolve())
      .catch(() => undefined)
      .then(() => {
        next = null;
        running = move().finally(() => {
          running = null;
        });
        return running;
      });
    return next;
  };
  const writeOrSay = () =>
    write().catch((error: unknown) => {
      log.error({ err: error }, 'the ledger of erasures could not be written; it is tried again');
    });
  await writeOrSay();
  return {
    write,
    writeOrSay,
    touched() {
      timer ??= setTimeout(() => {
        timer = null;
        void writeOrSay();
      }, SOON_MILLISECONDS).unref();
    },
    async close() {
      if (timer) clearTimeout(timer);
      await writeOrSay();
      await place.close();
    },
  };
}

/** A ledger that was lost, or that is in another place than before, has all of it from the first line on. */
async function begin(db: Database, place: LedgerPlace, head: string): Promise<void> {
  const client = await db.connect('colloquy-ledger');
  try {
    const isThere = await isBegun(place);
    if (!isThere || (await findPlace(client)) !== place.kept) await writeAnew(client, place.kept);
    // Last, so that a death in between has it begun anew.
    if (!isThere) await place.append(head);
  } catch (cause) {
    throw new StartError(
      `The ledger of erasures cannot be kept in ${place.name} (${reasonOf(cause)}); make that writable, or name another folder with LEDGER_DIR.`,
      { cause },
    );
  } finally {
    await client.end();
  }
}

/** What is behind a fault. */
function reasonOf(error: unknown): string {
  const reason = error instanceof Fault && error.cause !== undefined ? error.cause : error;
  return reason instanceof Error ? reason.message : String(reason);
}

async function isBegun(place: LedgerPlace): Promise<boolean> {
  for await (const _ of place.lines()) return true;
  return false;
}

interface HeadLine {
  readonly Ledger: 'colloquy';
  readonly Installation: string;
}
interface EntryLine {
  readonly At: string;
  readonly BusinessId: number;
  readonly IdHash: string;
  readonly Parts: string;
}

/** Stands before the lines of each database, so that those of another are not taken for its own. */
const headLine = (installation: string) =>
  `${JSON.stringify({ Ledger: 'colloquy', Installation: installation } satisfies HeadLine)}\n`;

const entryLine = ({ at, businessId, idHash, parts }: LedgerEntry) =>
  `${JSON.stringify({
    At: new Date(at).toISOString(),
    BusinessId: businessId,
    IdHash: idHash,
    Parts: parts,
  } satisfies EntryLine)}\n`;

const READ_AT_ONCE = 1_000;

/**
 * The entries of a ledger that are of this installation, some at a time. A line that a crash has cut
 * off is left out: its entry was written again after it.
 */
export async function* readLedger(
  place: Pick<LedgerPlace, 'lines'>,
  installation: string,
): AsyncGenerator<LedgerEntry[]> {
  let isOurs = false;
  let entries: LedgerEntry[] = [];
  for await (const line of place.lines()) {
    const value = parsed(line);
    if (value && 'Ledger' in value) isOurs = value.Installation === installation;
    else if (value && isOurs) {
      const { At, BusinessId, IdHash, Parts } = value;
      entries.push({ at: Date.parse(At), businessId: BusinessId, idHash: IdHash, parts: Parts });
      if (entries.length < READ_AT_ONCE) continue;
      yield entries;
      entries = [];
    }
  }
  yield entries;
}

function parsed(line: string): HeadLine | EntryLine | null {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
