import { type Op, ops } from '@colloquy/wire';
import { Command, CommanderError } from 'commander';
import manifest from '../package.json' with { type: 'json' };
import { backupCommand } from './backup.ts';
import { failureSentence, UsageError } from './failure.ts';
import { importCommand } from './import/command.ts';
import { opCommand } from './op-command.ts';
import { restoreCommand } from './restore.ts';
import { tailCommand } from './tail.ts';
import { verifyCommand } from './verify.ts';
import { verifyAuditCommand } from './verify-audit.ts';
import { verifyCertificateCommand } from './verify-certificate.ts';
import { workCommand } from './work/command.ts';

const EXAMPLES = `
Settings (environment):
  COLLOQUY_URL  the URL of the server (default: http://127.0.0.1:8080)
  COLLOQUY_KEY  an API key; the server prints one at its first start

Examples:
  colloquy get-conversation --business 12345 --session session_abc123
  colloquy get-conversations --business 12345 --include Messages,Logs --all > calls.ndjson
  colloquy put-conversation --business 12345 --session call-17 --body @call.json
  colloquy put-recording --business 12345 --session call-17 --participant _mixed --file call.wav
  colloquy initiate-call --business 12345 --number number_1 --csv people.csv
  colloquy tail --business 12345
  colloquy import calls.ndjson --business 12345
  colloquy verify --business 12345

Exit codes: 0 success, 1 the request was refused or failed, 2 the command line is wrong.`;

function program(): Command {
  const program = new Command('colloquy')
    .description('Reads and writes the conversations of a Colloquy server.')
    .version(manifest.version)
    .addHelpText('after', EXAMPLES)
    .showHelpAfterError('(see --help)')
    .exitOverride();
  const commands = [
    ...[importCommand(), workCommand(), backupCommand(), restoreCommand()],
    ...[verifyCertificateCommand(), verifyCommand(), verifyAuditCommand()],
    tailCommand(),
    ...Object.values<Op>(ops).flatMap((op) =>
      op.download === undefined && !op.eventStream ? [opCommand(op)] : [],
    ),
  ];
  for (const command of commands) program.addCommand(command.copyInheritedSettings(program));
  return program;
}

export async function runProgram(args: readonly string[]): Promise<void> {
  try {
    await program().parseAsync(args, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
    else {
      console.error(failureSentence(error));
      process.exitCode = error instanceof UsageError ? 2 : 1;
    }
  }
}
