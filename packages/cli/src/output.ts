import { once } from 'node:events';

/** Writes JSON, indented on a terminal and otherwise on one line. */
export function writeJson(value: unknown): Promise<void> {
  return write(`${JSON.stringify(value, null, process.stdout.isTTY ? 2 : undefined)}\n`);
}

export function writeLine(value: unknown): Promise<void> {
  return write(`${JSON.stringify(value)}\n`);
}

/** Waits for a slow reader, which keeps long lists out of memory. */
async function write(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
}
