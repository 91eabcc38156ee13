import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { UsageError } from './failure.ts';

const DESCRIPTION = `Makes a server from a backup. This does not use the API: run it where Colloquy is installed, with the settings of the server and an empty DATA_DIR. The options are those of "npm run restore".`;

const EXAMPLES = `
Examples:
  DATA_DIR=./restored colloquy restore today.tar --ledger old/ledger --secret old/secret
  colloquy restore today.tar --check`;

const SERVER = fileURLToPath(new URL('../../server/src/commands/restore.ts', import.meta.url));

export function restoreCommand(): Command {
  return new Command('restore')
    .summary('Make a server from a backup')
    .description(DESCRIPTION)
    .argument('<arguments...>', 'the file, and the options')
    .allowUnknownOption()
    .addHelpText('after', EXAMPLES)
    .action(runRestore);
}

async function runRestore(given: string[]): Promise<void> {
  if (!existsSync(SERVER)) {
    throw new UsageError(
      'This machine has no server; run `npm run restore -- FILE` in the folder of the server.',
    );
  }
  const child = spawn(process.execPath, [SERVER, ...given], { stdio: 'inherit' });
  const [code] = (await once(child, 'close')) as [number | null];
  process.exitCode = code ?? 1;
}
