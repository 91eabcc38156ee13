import { parseArgs } from 'node:util';
import { findRunningPostgres } from '@colloquy/embedded-postgres';
import { pino } from 'pino';
import { isAnyNodeRunning } from '../access/authorization/lease-store.ts';
import type { BlobStore } from '../blobs/blob-store.ts';
import { openLocalBlobs } from '../blobs/open-blobs.ts';
import { openS3Blobs } from '../blobs/s3.ts';
import { type Config, ConfigError, readConfig } from '../config.ts';
import { systemClock } from '../kernel/clock.ts';
import { Fault } from '../kernel/fault.ts';
import { openConnection } from '../kernel/postgres/open-connection.ts';
import { openDatabase } from '../kernel/postgres/open-database.ts';
import { takeAlone } from '../kernel/postgres/sole-run.ts';
import { StartError } from '../kernel/start-error.ts';
import { moveBlobs, pagesOf } from '../recordings/storage/move.ts';

const USAGE = `npm run migrate-blobs -- --from disk --to s3
npm run migrate-blobs -- --from s3 --to disk

Moves the recordings from the local disk (DATA_DIR) to the bucket that the S3 settings name, or back,
and compares each with its hash. You can stop it and run it again. Move to a bucket while servers run
that have the S3 settings already: they read from both. Stop the servers to move back to the disk.`;
const REPORT_MILLISECONDS = 2_000;

const log = pino({ level: 'warn' }, pino.destination(2));

async function main(): Promise<number> {
  const toS3 = readDirection();
  const config = readConfig();
  if (config.s3 === null) throw new ConfigError('There is no bucket; set S3_BUCKET.');
  await using closing = new AsyncDisposableStack();
  const db = openDatabase({
    connection: await connectionOf(config, toS3, closing),
    timeoutSeconds: config.databaseTimeoutSeconds,
    onError: (error) => log.warn({ err: error }, 'a database connection was lost'),
  });
  closing.defer(() => db.close());
  if (!toS3 && (await isAnyNodeRunning(db))) {
    throw new StartError(
      'a server runs on this database; stop it first, because it would not find recordings on the disk.',
    );
  }
  const turn = await takeAlone(db, 'move blobs');
  if (!turn) throw new StartError('another process is moving them; wait until it has finished.');
  closing.defer(() => turn.release());
  const s3 = await openS3Blobs(config.s3, { clock: systemClock, log });
  closing.defer(() => s3.close());
  const disk = await openLocalBlobs(config);
  closing.defer(() => disk.close());
  const [from, to] = toS3 ? [disk, s3] : [s3, disk];

  const tally = { moved: 0, bytes: 0, left: 0, ...(await measure(from)) };
  const report = () => console.error(progressLine(tally));
  const timer = setInterval(report, REPORT_MILLISECONDS);
  closing.defer(() => clearInterval(timer));
  await moveBlobs({ db, from, to }, (blob, outcome) => {
    if (outcome.kind === 'left') {
      tally.left += 1;
      console.error(`${blob.key} stays where it is: ${outcome.why}.`);
      return;
    }
    tally.moved += 1;
    tally.bytes += blob.bytes;
  });
  report();
  return tally.left === 0 ? 0 : 1;
}

function readDirection(): boolean {
  const option = { type: 'string' } as const;
  let direction = '';
  try {
    const { values } = parseArgs({ options: { from: option, to: option } });
    direction = `${values.from} ${values.to}`;
  } catch {
    // Reported below.
  }
  if (direction !== 'disk s3' && direction !== 's3 disk') throw new ConfigError(`\n${USAGE}`);
  return direction === 'disk s3';
}

/** Shares the embedded database with a running server, or uses the configured database. */
async function connectionOf(config: Config, mayRun: boolean, closing: AsyncDisposableStack) {
  try {
    return await openConnection(config, log, closing);
  } catch (error) {
    const isEmbedded = config.databaseUrl === null;
    const running = mayRun && isEmbedded ? await findRunningPostgres(config.dataDir) : null;
    if (running === null) throw error;
    return running;
  }
}

async function measure(store: BlobStore): Promise<{ all: number; allBytes: number }> {
  let [all, allBytes] = [0, 0];
  for await (const page of pagesOf(store)) {
    all += page.length;
    allBytes += page.reduce((sum, { bytes }) => sum + bytes, 0);
  }
  return { all, allBytes };
}

type Tally = Record<'moved' | 'bytes' | 'left' | 'all' | 'allBytes', number>;

function progressLine(tally: Tally): string {
  const mebibytes = (bytes: number) => (bytes / 1024 / 1024).toFixed(1);
  const left = tally.left === 0 ? '' : `, ${tally.left} stay where they are`;
  return `${tally.moved} of ${tally.all} moved, ${mebibytes(tally.bytes)} of ${mebibytes(tally.allBytes)} MiB${left}`;
}

try {
  process.exitCode = await main();
} catch (error) {
  const expected =
    error instanceof ConfigError || error instanceof StartError || error instanceof Fault;
  console.error(expected ? `The recordings can't be moved: ${error.message}` : error);
  if (error instanceof Fault) console.error('Run it again to continue.', error.cause);
  process.exitCode = 1;
}
