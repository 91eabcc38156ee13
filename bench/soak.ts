import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeSoakResult } from './soak-results.ts';

const ROOT = join(import.meta.dirname, '..');
/** By the project of Vitest that runs them. */
const FOLDERS = { colloquy: 'test/soak', citus: 'test/citus/soak' } as const;
const SUFFIX = '.test.ts';

type Project = keyof typeof FOLDERS;

const proofsOf = (project: Project) =>
  readdirSync(join(ROOT, FOLDERS[project]))
    .filter((name) => name.endsWith(SUFFIX))
    .map((name) => name.slice(0, -SUFFIX.length));

const PROOFS = [...proofsOf('colloquy'), ...proofsOf('citus')];

const USAGE = `npm run soak -- <name> [options]
  runs the long form of a proof: ${PROOFS.join(', ')}
  CITUS_DATABASE_URL must name a coordinator for ${proofsOf('citus').join(', ')}
  --rounds N        how long; each proof has a default
  --seed N          repeats a run; without it the seed is new and is printed
  --write-results   writes the result to bench/RESULTS.md`;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rounds: { type: 'string' },
      seed: { type: 'string' },
      'write-results': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const [name] = positionals;
  if (values.help || name === undefined || !PROOFS.includes(name)) {
    console.log(USAGE);
    return values.help ? 0 : 1;
  }
  const folder = await mkdtemp(join(tmpdir(), 'colloquy-soak-'));
  try {
    const report = join(folder, 'report');
    const begin = performance.now();
    const code = await runProof(name, { SOAK_REPORT: report, ...settingsOf(values) });
    if (code !== 0) return code;
    const minutes = (performance.now() - begin) / 60_000;
    // A proof of several parts has a line for each.
    const figures = (await readFile(report, 'utf8')).trim().replaceAll('\n', '; ');
    console.log(`${name}: ${figures} (${minutes.toFixed(1)} minutes)`);
    if (values['write-results']) await writeSoakResult({ name, figures, minutes });
    return 0;
  } finally {
    await rm(folder, { recursive: true });
  }
}

const settingsOf = ({ rounds, seed }: { readonly rounds?: string; readonly seed?: string }) => ({
  ...(rounds !== undefined && { SOAK_ROUNDS: rounds }),
  ...(seed !== undefined && { SOAK_SEED: seed }),
});

async function runProof(name: string, settings: Record<string, string>): Promise<number> {
  const project = proofsOf('citus').includes(name) ? 'citus' : 'colloquy';
  if (project === 'citus' && process.env.CITUS_DATABASE_URL === undefined) {
    console.error('Set CITUS_DATABASE_URL to a coordinator with at least two workers.');
    return 1;
  }
  const child = spawn(
    join(ROOT, 'node_modules/.bin/vitest'),
    ['run', '--project', project, join(FOLDERS[project], `${name}${SUFFIX}`)],
    { cwd: ROOT, stdio: 'inherit', env: { ...process.env, SOAK: 'long', ...settings } },
  );
  const [code] = await once(child, 'exit');
  return code ?? 1;
}

process.exitCode = await main();
