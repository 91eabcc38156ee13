import { once } from 'node:events';

/** Indented on a terminal. */
export function writeJson(value: unknown): Promise<void> {
  return writeText(`${JSON.stringify(value, null, process.stdout.isTTY ? 2 : undefined)}\n`);
}

export function writeLine(value: unknown): Promise<void> {
  return writeText(`${JSON.stringify(value)}\n`);
}

/** On a terminal; else writes a new line. */
export function rewriteLine(text: string): void {
  process.stderr.write(process.stderr.isTTY ? `\r\x1b[2K${text}` : `${text}\n`);
}

export function clearLine(): void {
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[2K');
}

export const megabytes = (bytes: number) => `${(bytes / 1_000_000).toFixed(1)} MB`;

/** Waits for a slow reader, which keeps long lists out of memory. */
export async function writeText(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
}
