import { Command } from 'commander';
import { connect } from '../connection.ts';
import { failureSentence } from '../failure.ts';
import { wholeNumber } from '../whole-number.ts';
import { importAll } from './importer.ts';
import { hideProgress, showProgress } from './progress.ts';
import { findSources } from './sources.ts';
import { Interrupted } from './stop.ts';
import { Tally } from './tally.ts';

const DESCRIPTION = `Writes the conversations of a file, or of all files of a folder.

Each line of a *.ndjson or *.jsonl file (also compressed, as *.gz) is one conversation: a body of PutConversation with its Id, as get-conversations --all prints it. A conversation without an Id gets one that is made from its Source or from the line, so an import can be repeated without duplicates.

Recordings are in <recordings>/<Id>/<participant>.<extension>, where <participant> is a ClientId, an AgentId or _mixed. They are uploaded after their conversation.

A line that is refused is reported on the standard error, and the import continues.`;

const EXAMPLES = `
Examples:
  colloquy import calls.ndjson --business 12345
  colloquy import export/ --business 12345 --recordings /mnt/audio --concurrency 16`;

const RECORDINGS = 'the folder with the recordings (default: recordings, next to the files)';

interface Options {
  business: number;
  recordings?: string;
  concurrency: number;
  progress: boolean;
  forceRecordings: boolean;
}

export function importCommand(): Command {
  return new Command('import')
    .summary('Import conversations and their recordings')
    .description(DESCRIPTION)
    .argument('<file or folder>', 'the file or folder to import')
    .requiredOption('--business <number>', 'the id of the business', wholeNumber)
    .option('--recordings <folder>', RECORDINGS)
    .option('--concurrency <number>', 'the number of parallel requests', wholeNumber, 8)
    .option('--force-recordings', 'upload a recording even if one of the same size exists', false)
    .option('--no-progress', 'print only failures and the summary')
    .option('--progress', 'show the progress (default: true)')
    .addHelpText('after', EXAMPLES)
    .action(runImport);
}

async function runImport(path: string, options: Options): Promise<void> {
  const sources = await findSources(path, options.recordings);
  // Gives a restarting server some seconds.
  const client = connect({ retries: 5 });
  const tally = new Tally();
  const stop = new AbortController();
  const interrupt = () => stop.abort(new Interrupted());
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);

  const read = new Map<string, number>();
  const doneBytes = () => [...read.values()].reduce((sum, bytes) => sum + bytes, 0);
  const totalBytes = sources.files.reduce((sum, { bytes }) => sum + bytes, 0);
  const progress = options.progress ? showProgress(tally, totalBytes, doneBytes) : hideProgress();
  await importAll({
    ...options,
    businessId: options.business,
    client,
    sources,
    tally,
    stop,
    report: (where, problem) => progress.writeLine(`${where}: ${problem}`),
    onRead: ({ path: file }, bytes) => read.set(file, bytes),
  });
  progress.end();
  process.off('SIGINT', interrupt).off('SIGTERM', interrupt);

  process.exitCode = tally.hasFailures ? 1 : 0;
  if (stop.signal.aborted) explainStop(stop.signal.reason);
  if (!stop.signal.aborted || tally.conversations > 0) console.log(tally.summary());
  if (sources.recordings !== null && tally.recordings === 0 && !stop.signal.aborted) {
    console.log(
      `None of their recordings is in ${sources.recordings}; name the files <Id>/<participant>.<extension>.`,
    );
  }
}

function explainStop(reason: unknown): void {
  const isInterrupted = reason instanceof Interrupted;
  const toContinue = 'Stopped. Run the import again to continue: nothing is written twice.';
  process.exitCode = isInterrupted ? 130 : 1;
  console.error(isInterrupted ? toContinue : failureSentence(reason));
}
