import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';

/** Builds the console for all tests, unless it is up to date. */
export function setup(): void {
  const root = resolve(import.meta.dirname, '../..');
  execFileSync('sh', ['scripts/build.sh'], { cwd: root, stdio: 'inherit' });
}
