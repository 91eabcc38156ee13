#!/usr/bin/env node
import { runProgram } from './program.ts';

// The reader of the output may close it early.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

await runProgram(process.argv.slice(2));
