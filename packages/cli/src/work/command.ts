import { randomBytes } from 'node:crypto';
import { Command, Option } from 'commander';
import { connect } from '../connection.ts';
import { UsageError } from '../failure.ts';
import { wholeNumber } from '../whole-number.ts';
import { work } from './worker.ts';

const DESCRIPTION = `A worker that leases calls from the queues and plays sample conversations instead of dialing.

It appends the events of a real conversation while they happen, as a voice engine would, and names the call in them, so that the call ends with its conversation. Some calls are not answered: the worker reports them as failed, and their retry policy applies. Nobody is called.`;

const EXAMPLES = `
Examples:
  colloquy work --simulate --business 12345
  colloquy work --simulate --business 12345 --speed 20 --slots 8 --count 100

To enqueue a call for it, in another terminal:
  colloquy initiate-call --business 12345 --number number_1 --recipient-number +15551234567`;

interface Options {
  business: number;
  simulate?: boolean;
  direction: 'outbound' | 'inbound' | 'both';
  slots: number;
  speed: number;
  count?: number;
  worker: string;
}

export function workCommand(): Command {
  return new Command('work')
    .summary('Work the queues with sample conversations')
    .description(DESCRIPTION)
    .requiredOption('--business <number>', 'the id of the business', wholeNumber)
    .option('--simulate', 'play sample conversations instead of dialing (required)')
    .addOption(
      new Option('--direction <which>', 'the queues from which calls are leased')
        .choices(['outbound', 'inbound', 'both'])
        .default('both'),
    )
    .option('--slots <number>', 'the number of parallel calls in each direction', wholeNumber, 4)
    .option(
      '--speed <times>',
      'how much faster than real time conversations are played',
      wholeNumber,
      5,
    )
    .option('--count <number>', 'stop after this number of calls', wholeNumber)
    .option(
      '--worker <name>',
      'the name of the worker in the history of calls',
      `simulator-${randomBytes(3).toString('hex')}`,
    )
    .addHelpText('after', EXAMPLES)
    .action(runWork);
}

async function runWork(options: Options): Promise<void> {
  if (!options.simulate) {
    throw new UsageError('This worker cannot dial; give --simulate to play sample conversations.');
  }
  const client = connect({ retries: 5 });
  const stop = new AbortController();
  const interrupt = () => {
    if (stop.signal.aborted) process.exit(130);
    console.error('Stopping: finishing the calls under way without further pauses.');
    stop.abort();
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  const { direction } = options;
  const directions = direction === 'both' ? (['outbound', 'inbound'] as const) : [direction];
  console.error(`Worker ${options.worker} waits for calls; Ctrl-C ends it.`);
  const { played, failed } = await work({
    ...options,
    client,
    businessId: options.business,
    workerId: options.worker,
    directions,
    stop: stop.signal,
    log: (line) => console.log(`${new Date().toTimeString().slice(0, 8)}  ${line}`),
  });
  process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  console.error(`${played} calls worked${failed > 0 ? `, ${failed} more failed` : ''}.`);
  if (failed > 0) process.exitCode = 1;
}
