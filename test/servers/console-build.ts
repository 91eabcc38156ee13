import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';

/** Builds the console once for all tests, unless it is built of these sources already. */
export function setup(): void {
  const root = resolve(import.meta.dirname, '../..');
  execFileSync('sh', ['scripts/build.sh'], { cwd: root, stdio: 'inherit' });
}
