import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import { ops } from '@colloquy/wire';
import { Command } from 'commander';
import { connect } from './connection.ts';
import { UnfinishedError, UsageError } from './failure.ts';
import { aboutText } from './op-options.ts';
import { clearLine, megabytes, rewriteLine } from './output.ts';

const DESCRIPTION = `${aboutText(ops.CreateBackup)}

The file gets its name only when it is complete. Restoring also needs the SECRET of the server and its ledger of erasures (the files "secret" and "ledger" of its DATA_DIR), which are not part of the backup: keep copies of both elsewhere.`;

const EXAMPLES = `
Examples:
  colloquy backup --out colloquy-$(date +%F).tar
  colloquy backup --out /backups/today.tar --without-recordings --no-progress`;

interface Options {
  out: string;
  progress: boolean;
  withRecordings?: boolean;
  withoutRecordings?: boolean;
}

export function backupCommand(): Command {
  return new Command('backup')
    .summary('Write a backup of everything to a file')
    .description(DESCRIPTION)
    .requiredOption('--out <file>', 'the file to write; it must not exist')
    .option('--with-recordings', 'include the recordings even if they are in a bucket')
    .option('--without-recordings', 'only the database')
    .option('--no-progress', 'print only the result')
    .addHelpText('after', EXAMPLES)
    .action(runBackup);
}

async function runBackup(options: Options): Promise<void> {
  const { out, withRecordings, withoutRecordings } = options;
  if (withRecordings && withoutRecordings) {
    throw new UsageError('Give --with-recordings or --without-recordings, not both.');
  }
  if (await stat(out).catch(() => null)) throw new UsageError(`${out} already exists.`);
  const client = connect();
  const partial = `${out}.partial`;
  const file = await open(partial, 'w', 0o600);
  try {
    const bytes = await client.createBackup({
      ...(withRecordings && { WithRecordings: true }),
      ...(withoutRecordings && { WithRecordings: false }),
    });
    const size = await receive(bytes, file, options.progress);
    await file.sync();
    await file.close();
    await rename(partial, out);
    console.error(`${out} is complete (${megabytes(size)}).`);
  } catch (error) {
    await file.close();
    await rm(partial, { force: true });
    throw error;
  }
}

/** Proves that the archive is complete: a proxy may cut it off without an error. */
const LAST_ENTRY = 'end.json';
const BROKEN_OFF = 'The backup was interrupted and no file was written; run it again.';
const TAIL_BYTES = 8192;
const REPORT_MILLISECONDS = 1_000;

async function receive(
  bytes: ReadableStream<Uint8Array>,
  file: FileHandle,
  isProgressWanted: boolean,
): Promise<number> {
  let size = 0;
  let tail = Buffer.alloc(0);
  async function* counted() {
    try {
      for await (const chunk of bytes) {
        size += chunk.length;
        tail = Buffer.concat([tail, chunk]).subarray(-TAIL_BYTES);
        yield chunk;
      }
    } catch (error) {
      throw new UnfinishedError(BROKEN_OFF, { cause: error });
    }
  }
  const report = () => rewriteLine(`${megabytes(size)} so far`);
  const timer = isProgressWanted ? setInterval(report, REPORT_MILLISECONDS) : undefined;
  try {
    await file.writeFile(counted());
  } finally {
    clearInterval(timer);
    if (isProgressWanted) clearLine();
  }
  if (!tail.includes(LAST_ENTRY)) throw new UnfinishedError(BROKEN_OFF);
  return size;
}
