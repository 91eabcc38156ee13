import { restoreFailure, runRestore } from './run-restore.ts';

try {
  const summary = await runRestore(process.argv.slice(2), (line) => console.error(line));
  console.log(summary);
  // Nothing is left to do; an open handle must not keep the process running.
  process.exit(0);
} catch (error) {
  console.error(restoreFailure(error) ?? error);
  process.exit(1);
}
