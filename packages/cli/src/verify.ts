import { Command } from 'commander';
import { connect } from './connection.ts';
import { writeLine } from './output.ts';
import { wholeNumber } from './whole-number.ts';

const DESCRIPTION = `Reads every recording of a business again and compares it with the hash that was taken when it came in.

What is missing or damaged, and what lies in the store though nothing claims it (orphaned; the server
removes that after a day), is written as one JSON line each. How far it is, and the sum, go to the
standard error.`;

const EXAMPLES = `
Examples:
  colloquy verify --business 12345
  colloquy verify --business 12345 --no-progress > problems.ndjson

Exit codes: 0 all is well, 1 something is not, or the check did not come to its end.`;

interface Options {
  business: number;
  progress: boolean;
}

/** The command `colloquy verify`. */
export function verifyCommand(): Command {
  return new Command('verify')
    .summary('Check the recordings of a business')
    .description(DESCRIPTION)
    .requiredOption('--business <number>', 'the business whose recordings these are', wholeNumber)
    .option('--no-progress', 'say only what is wrong, and the sum')
    .addHelpText('after', EXAMPLES)
    .action(runVerify);
}

async function runVerify({ business, progress }: Options): Promise<void> {
  const client = connect({ retries: 5 });
  const show = progress && process.stderr.isTTY ? rewrite : progress ? writeOut : () => {};
  const sum = { recordings: 0, bytes: 0, Missing: 0, Damaged: 0, Orphaned: 0 };
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof client.verifyRecordings>> = await client.verifyRecordings(
      { businessId: business, NextCursor: cursor },
    );
    sum.recordings += page.Checked;
    sum.bytes += page.Bytes;
    for (const problem of page.Problems) {
      sum[problem.Problem] += 1;
      await writeLine(problem);
    }
    cursor = page.NextCursor;
    if (cursor !== null) show(`${read(sum)} so far`);
  } while (cursor !== null);
  if (progress && process.stderr.isTTY) rewrite('');
  const { Missing, Damaged, Orphaned } = sum;
  console.error(`${read(sum)}: ${Missing} missing, ${Damaged} damaged, ${Orphaned} orphaned.`);
  if (Missing + Damaged + Orphaned > 0) process.exitCode = 1;
}

function read({ recordings, bytes }: { recordings: number; bytes: number }): string {
  return `${recordings} recordings read (${(bytes / 1_000_000).toFixed(1)} MB)`;
}

/** In place of the line that is there, on a terminal. */
function rewrite(text: string): void {
  process.stderr.write(`\r\x1b[2K${text}`);
}

function writeOut(text: string): void {
  process.stderr.write(`${text}\n`);
}
