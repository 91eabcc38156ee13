#!/usr/bin/env node
import { runProgram } from './program.ts';

// Whoever reads the output may have enough of it.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

await runProgram(process.argv.slice(2));
