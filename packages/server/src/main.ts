import { openApp } from './app.ts';
import { distribute } from './commands/distribute.ts';
import { doctor } from './commands/doctor/doctor.ts';
import { welcome } from './commands/welcome.ts';
import { ConfigError, readConfig } from './config.ts';
import { NewerSchemaError } from './kernel/postgres/migrate.ts';
import { StartError } from './kernel/start-error.ts';

const IMPATIENT_MILLISECONDS = 2_000;
// Answers use buffers of this pool. Separate buffers above 4 KB cost twice as much.
const BUFFER_POOL_BYTES = 256 * 1024;
const COMMANDS = ['all', 'serve', 'work', 'migrate', 'distribute', 'doctor'] as const;

/**
 * `all` answers requests and runs jobs, `serve` only answers requests, `work` only runs jobs, `migrate` does
 * neither, `distribute` places tables, `doctor` only checks.
 */
async function main(command: string, args: readonly string[]): Promise<number | undefined> {
  if (!COMMANDS.some((known) => known === command)) {
    throw new ConfigError(`There is no command ${command}; give one of ${COMMANDS.join(', ')}.`);
  }
  if (command === 'doctor') return doctor(args, console.log);
  Buffer.poolSize = BUFFER_POOL_BYTES;
  const config = readConfig();
  if (command === 'distribute') return void (await distribute(config));
  const stop = Promise.withResolvers<void>();
  let stoppedAt = Number.POSITIVE_INFINITY;
  const onSignal = () => {
    // Under npm, Ctrl-C arrives twice: from the terminal and from npm. Only a later one is
    // impatience.
    if (performance.now() - stoppedAt > IMPATIENT_MILLISECONDS) process.exit(1);
    stoppedAt = Math.min(stoppedAt, performance.now());
    stop.resolve();
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);

  const app = await openApp(config);
  try {
    if (command === 'migrate') return undefined;
    if (command !== 'serve') await app.work();
    if (command !== 'work') {
      const url = await app.listen();
      const { madeKey, firstLink } = app;
      if (madeKey !== null || firstLink !== null) {
        console.log(welcome(config.publicUrl ?? url, madeKey, firstLink, config.demo));
      }
      console.log(`ready ${url}`);
    } else {
      const url = await app.listenForMetrics();
      if (url !== null) console.log(`ready ${url}`);
    }
    await stop.promise;
    return undefined;
  } finally {
    await app.close();
  }
}

try {
  const code = await main(process.argv[2] ?? 'all', process.argv.slice(3));
  // Nothing is left to do; an open handle must not keep the process alive.
  process.exit(code ?? 0);
} catch (error) {
  const expected =
    error instanceof ConfigError ||
    error instanceof StartError ||
    error instanceof NewerSchemaError;
  console.error(expected ? `Colloquy can't start: ${error.message}` : error);
  process.exit(1);
}
