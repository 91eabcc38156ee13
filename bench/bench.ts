import { writeFile } from 'node:fs/promises';
import { measureAgainst } from './against.ts';
import { measureAnalytics } from './analytics-row.ts';
import { measureAppend } from './append-row.ts';
import { measureConsole } from './console-row.ts';
import { measureDocument } from './document-row.ts';
import { measureEnqueue } from './enqueue-row.ts';
import { measureFilters } from './filter-row.ts';
import { measureGrowth } from './growth-row.ts';
import { measureIsolation } from './isolation-row.ts';
import { measureLeaseGrowth } from './lease-growth-row.ts';
import { measureLease } from './lease-row.ts';
import { measureList } from './list-row.ts';
import { describeMachine } from './machine.ts';
import { MemoryWatch } from './memory.ts';
import { type Options, type RowName, readOptions, USAGE } from './options.ts';
import { measureOutage } from './outage-row.ts';
import { measurePresigning } from './presigning-row.ts';
import { measureRetention } from './retention-row.ts';
import { setUpBench } from './setup.ts';
import { measureSignIn } from './sign-in-row.ts';
import { readSoakSection } from './soak-results.ts';
import { formatTable, isReached, type Result } from './table.ts';
import { measureWaiting } from './waiting-row.ts';

const NOTE =
  'Load generator, server and PostgreSQL share the cores of this machine, on both sides of a comparison.';

async function main(options: Options): Promise<boolean> {
  const begin = performance.now();
  await using setup = await setUpBench(options);
  using memory = new MemoryWatch(setup.server.pid);
  const results: Result[] = [];
  let detail = '';
  let isolated = '';
  const measure = async (row: RowName, work: () => Promise<Result[]>) => {
    if (!options.only.has(row)) return;
    const measured = await work();
    for (const { measured: what, ratio } of measured) setup.say(`  ${what}: ${ratio.toFixed(2)}`);
    setup.say(`  at most ${Math.round(memory.largest)} MiB of the server's memory so far`);
    results.push(...measured);
  };
  await measure('document', () => measureDocument(setup));
  await measure('list', () => measureList(setup));
  await measure('growth', () => measureGrowth(setup));
  await measure('filters', async () => {
    const filters = await measureFilters(setup);
    detail = filters.detail;
    return filters.results;
  });
  await measure('console', () => measureConsole(setup));
  await measure('append', () => measureAppend(setup));
  await measure('retention', () => measureRetention(setup));
  await measure('memory', async () => {
    // Of a load that was not there it says nothing.
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
  });
  await measure('analytics', () => measureAnalytics(setup));
  await measure('enqueue', () => measureEnqueue(setup));
  await measure('lease', () => measureLease(setup));
  await measure('lease-growth', () => measureLeaseGrowth(setup));
  await measure('waiting', () => measureWaiting(setup));
  await measure('presigning', () => measurePresigning(setup));
  await measure('outage', () => measureOutage(setup));
  await measure('sign-in', () => measureSignIn(setup));
  await measure('isolation', async () => {
    const isolation = await measureIsolation(setup);
    isolated = isolation.detail;
    return isolation.results;
  });
  const table = formatTable(results);
  const minutes = ((performance.now() - begin) / 60_000).toFixed(1);
  const machine = `${await describeMachine(setup.database.sql)} · ${minutes} minutes · at most ${Math.round(memory.largest)} MiB of the server's memory in all rows, the queues' included`;
  const command = `npm run bench${process.argv.length > 2 ? ` -- ${process.argv.slice(2).join(' ')}` : ''}`;
  for (const lines of [detail, isolated]) if (lines !== '') console.log(`\n${lines}`);
  console.log(`\n${table}\n\n${machine}\n${NOTE}`);
  if (options.json !== null) {
    const lines = results.map((result) => ({ ...result, reached: isReached(result) }));
    await writeFile(options.json, `${JSON.stringify({ machine, results: lines }, null, 2)}\n`);
  }
  if (options.writeResults) {
    const parts = ['# Results', `\`${command}\``, machine, NOTE, table];
    if (detail !== '') parts.push('## Each filter', detail);
    if (isolated !== '') parts.push('## Each attack', isolated);
    parts.push(await readSoakSection());
    await writeFile(new URL('RESULTS.md', import.meta.url), `${parts.join('\n\n').trim()}\n`);
  }
  return options.quick || results.every(isReached);
}

const options = readOptions(process.argv.slice(2));
if (options === 'help') console.log(USAGE);
else if (options.against !== null) {
  if (!(await measureAgainst(options.against, options.quick))) process.exitCode = 1;
} else if (!(await main(options))) process.exitCode = 1;
