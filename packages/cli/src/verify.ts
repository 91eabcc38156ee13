import { ops } from '@colloquy/wire';
import { Command } from 'commander';
import { connect } from './connection.ts';
import { aboutText } from './op-options.ts';
import { clearLine, megabytes, rewriteLine, writeLine } from './output.ts';
import { wholeNumber } from './whole-number.ts';

const DESCRIPTION = `${aboutText(ops.VerifyRecordings)}

The command sends as many requests as necessary. It prints each problem as one line of JSON, and its progress and the totals on the standard error.`;

const EXAMPLES = `
Examples:
  colloquy verify --business 12345
  colloquy verify --business 12345 --no-progress > problems.ndjson

Exit codes: 0 no problem, 1 a problem was found or the check did not finish.`;

interface Options {
  business: number;
  progress: boolean;
}

export function verifyCommand(): Command {
  return new Command('verify')
    .summary('Verify the recordings of a business')
    .description(DESCRIPTION)
    .requiredOption('--business <number>', 'the id of the business', wholeNumber)
    .option('--no-progress', 'print only the problems and the totals')
    .addHelpText('after', EXAMPLES)
    .action(runVerify);
}

async function runVerify({ business, progress }: Options): Promise<void> {
  const client = connect({ retries: 5 });
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
    if (cursor !== null && progress) rewriteLine(`${describeSum(sum)} so far`);
  } while (cursor !== null);
  if (progress) clearLine();
  const { Missing, Damaged, Orphaned } = sum;
  const problems = `${Missing} missing, ${Damaged} damaged, ${Orphaned} orphaned`;
  console.error(`${describeSum(sum)}: ${problems}.`);
  if (Missing + Damaged + Orphaned > 0) process.exitCode = 1;
}

const describeSum = ({ recordings, bytes }: { recordings: number; bytes: number }) =>
  `${recordings} recordings read (${megabytes(bytes)})`;
