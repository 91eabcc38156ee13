import { once } from 'node:events';

/** Writes a value for whoever reads: spread out on a terminal, on one line to a program. */
export function writeJson(value: unknown): Promise<void> {
  return write(`${JSON.stringify(value, null, process.stdout.isTTY ? 2 : undefined)}\n`);
}

export function writeLine(value: unknown): Promise<void> {
  return write(`${JSON.stringify(value)}\n`);
}

/** Waits while the reader is slow, so that a long list is never held in memory. */
async function write(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
}
