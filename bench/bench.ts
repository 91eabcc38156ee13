import { writeFile } from 'node:fs/promises';
import { measureAgainst } from './against.ts';
import { measureAnalytics } from './analytics-row.ts';
import { measureAppend } from './append-row.ts';
import { measureCitus } from './citus-row.ts';
import { measureCluster } from './cluster-row.ts';
import { measureConsole } from './console-row.ts';
import { measureDocument } from './document-row.ts';
import { measureEnqueue } from './enqueue-row.ts';
import { measureFilters } from './filter-row.ts';
import { measureGrowth } from './growth-row.ts';
import { measureIsolation } from './isolation-row.ts';
import { measureLeaseGrowth } from './lease-growth-row.ts';
import { measureLease } from './lease-row.ts';
import { measureList } from './list-row.ts';
import { measureLive } from './live-row.ts';
import { describeMachine } from './machine.ts';
import { MemoryWatch } from './memory.ts';
import { type Options, type RowName, readOptions, USAGE } from './options.ts';
import { measureOutage } from './outage-row.ts';
import { measurePresigning } from './presigning-row.ts';
import { measureRetention } from './retention-row.ts';
import { type BenchSetup, setUpBench } from './setup.ts';
import { measureSignIn } from './sign-in-row.ts';
import { readSoakSection } from './soak-results.ts';
import { alignTable, formatTable, isReached, type Result } from './table.ts';
import { measureWaiting } from './waiting-row.ts';

const NOTE =
  'Load generator, server and PostgreSQL share the cores of this machine, on both sides of a comparison.';

interface Bench {
  readonly options: Options;
  readonly setup: BenchSetup;
  readonly memory: MemoryWatch;
  readonly results: Result[];
  /** The largest memory of each row, in MiB. */
  readonly memories: (readonly [RowName, number])[];
  readonly sections: { readonly title: string; readonly text: string }[];
}

/** Returns false if a result misses its limit. A quick run never fails. */
async function main(options: Options): Promise<boolean> {
  const begin = performance.now();
  await using setup = await setUpBench(options);
  using memory = new MemoryWatch(setup.server.pid);
  const bench: Bench = { options, setup, memory, results: [], memories: [], sections: [] };
  await measureConversations(bench);
  await measureQueues(bench);
  await measureServer(bench);
  bench.sections.push({ title: 'Memory of each row', text: memoryTable(bench) });
  await report(bench, (performance.now() - begin) / 60_000);
  return options.quick || bench.results.every(isReached);
}

async function measureRow(
  { options, setup, memory, memories, results }: Bench,
  row: RowName,
  measure: (setup: BenchSetup) => Promise<Result[]>,
): Promise<void> {
  if (!options.only.has(row)) return;
  memory.takeLargest();
  const measured = await measure(setup);
  const mebibytes = memory.takeLargest();
  for (const { measured: name, ratio } of measured) setup.say(`  ${name}: ${ratio.toFixed(2)}`);
  setup.say(`  at most ${Math.round(mebibytes)} MiB of the server's memory`);
  results.push(...measured);
  // This row measures the rows before it.
  if (row !== 'memory') memories.push([row, mebibytes]);
}

async function measureConversations(bench: Bench): Promise<void> {
  await measureRow(bench, 'document', measureDocument);
  await measureRow(bench, 'list', measureList);
  await measureRow(bench, 'growth', measureGrowth);
  await measureRow(bench, 'filters', async (setup) => {
    const { results, detail } = await measureFilters(setup);
    bench.sections.push({ title: 'Each filter', text: detail });
    return results;
  });
  await measureRow(bench, 'console', measureConsole);
  await measureRow(bench, 'append', measureAppend);
  await measureRow(bench, 'retention', measureRetention);
  await measureRow(bench, 'memory', async () => memoryResults(bench));
  await measureRow(bench, 'analytics', measureAnalytics);
}

/** Empty without a previous row, because the memory of an idle server is meaningless. */
function memoryResults({ results, memory }: Bench): Result[] {
  if (results.length === 0) return [];
  const result = {
    work: 'Resident memory of the server while it reads and appends',
    comparedWith: '',
    measured: 'largest of VmRSS',
    ratio: memory.largest,
    limit: { atMost: 250 },
    unit: 'MiB',
  };
  return [result];
}

/** Only of the server that all rows share. Some rows start more servers, which are not counted. */
function memoryTable({ memories }: Bench): string {
  const lines = memories.map(([row, mebibytes]) => [row, String(Math.round(mebibytes))]);
  return alignTable([['row', 'largest VmRSS, MiB'], ...lines]);
}

async function measureQueues(bench: Bench): Promise<void> {
  await measureRow(bench, 'enqueue', measureEnqueue);
  await measureRow(bench, 'lease', measureLease);
  await measureRow(bench, 'lease-growth', measureLeaseGrowth);
  await measureRow(bench, 'waiting', measureWaiting);
}

async function measureServer(bench: Bench): Promise<void> {
  await measureRow(bench, 'presigning', measurePresigning);
  await measureRow(bench, 'outage', measureOutage);
  await measureRow(bench, 'sign-in', measureSignIn);
  await measureRow(bench, 'live', measureLive);
  await measureRow(bench, 'cluster', measureCluster);
  await measureRow(bench, 'citus', measureCitus);
  await measureRow(bench, 'isolation', async (setup) => {
    const { results, detail } = await measureIsolation(setup);
    bench.sections.push({ title: 'Each attack', text: detail });
    return results;
  });
}

async function report(
  { options, setup, memory, results, sections }: Bench,
  minutes: number,
): Promise<void> {
  const table = formatTable(results);
  const machine = `${await describeMachine(setup.database.sql)} · ${minutes.toFixed(1)} minutes · at most ${Math.round(memory.largest)} MiB of the server's memory in all rows, the queues' included`;
  const command = `npm run bench${process.argv.length > 2 ? ` -- ${process.argv.slice(2).join(' ')}` : ''}`;
  const filled = sections.filter(({ text }) => text !== '');
  for (const { text } of filled) console.log(`\n${text}`);
  console.log(`\n${table}\n\n${machine}\n${NOTE}`);
  if (options.json !== null) {
    const lines = results.map((result) => ({ ...result, reached: isReached(result) }));
    await writeFile(options.json, `${JSON.stringify({ machine, results: lines }, null, 2)}\n`);
  }
  if (options.writeResults) {
    const parts = ['# Results', `\`${command}\``, machine, NOTE, table];
    for (const { title, text } of filled) parts.push(`## ${title}`, text);
    parts.push(await readSoakSection());
    await writeFile(new URL('RESULTS.md', import.meta.url), `${parts.join('\n\n').trim()}\n`);
  }
}

const options = readOptions(process.argv.slice(2));
if (options === 'help') console.log(USAGE);
else if (options.against !== null) {
  if (!(await measureAgainst(options.against, options.quick))) process.exitCode = 1;
} else if (!(await main(options))) process.exitCode = 1;
