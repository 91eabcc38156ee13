/** Makes import files (NDJSON, one PutConversation body with its Id per line) from public data. */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { readAbcd } from './abcd.ts';
import { DataSetError, type Dialogue } from './dialogue.ts';
import { describeFailure } from './failure.ts';
import { toImportBody } from './import-body.ts';
import { readPrimock57 } from './primock57.ts';
import { readSgd } from './sgd.ts';
import { readTaskmaster } from './taskmaster.ts';

const HELP = `Usage: node samples/import-files.ts <data folder> <output folder>

Makes one NDJSON import file per data set found in the data folder, with one
PutConversation body (including its Id) per line:

  sgd/dialogues.jsonl               sgd.ndjson
  taskmaster4/dialogues.jsonl       taskmaster4.ndjson
  primock57/transcripts, notes      primock57.ndjson
  abcd-sample/abcd_sample.json      abcd-sample.ndjson

The same data gives the same bytes each time. samples/README.md says where the
data comes from.`;

const DATA_SETS = [
  { folder: 'sgd', read: readSgd, epochMs: Date.UTC(2024, 0, 1) },
  { folder: 'taskmaster4', read: readTaskmaster, epochMs: Date.UTC(2024, 1, 1) },
  { folder: 'primock57', read: readPrimock57, epochMs: Date.UTC(2024, 2, 1) },
  { folder: 'abcd-sample', read: readAbcd, epochMs: Date.UTC(2024, 3, 1) },
];
const PROGRESS_EVERY = 500;

async function main(): Promise<void> {
  const { dataFolder, outputFolder } = readArguments();
  if (!(await isFolder(dataFolder))) {
    throw new DataSetError(`The data folder ${dataFolder} does not exist or is not a folder.`);
  }
  await mkdir(outputFolder, { recursive: true });
  let files = 0;
  for (const { folder, read, epochMs } of DATA_SETS) {
    if (!(await isFolder(join(dataFolder, folder)))) {
      console.log(`${folder}: not in the data folder, skipped`);
      continue;
    }
    await writeImportFile(join(outputFolder, `${folder}.ndjson`), read(dataFolder), epochMs);
    files += 1;
  }
  if (files === 0) {
    const wanted = DATA_SETS.map(({ folder }) => folder).join(', ');
    throw new DataSetError(`${dataFolder} holds none of the folders ${wanted}.`);
  }
}

function readArguments(): { dataFolder: string; outputFolder: string } {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { help: { type: 'boolean', short: 'h' } },
  });
  if (values.help) {
    console.log(HELP);
    process.exit(0);
  }
  const [dataFolder, outputFolder, ...rest] = positionals;
  if (dataFolder === undefined || outputFolder === undefined || rest.length > 0) {
    throw new DataSetError('Give a data folder and an output folder, or --help for more.');
  }
  return { dataFolder, outputFolder };
}

/** Writes under a temporary name, so an interrupted run leaves no incomplete file to import. */
async function writeImportFile(
  path: string,
  dialogues: AsyncGenerator<Dialogue>,
  epochMs: number,
): Promise<void> {
  const unfinished = `${path}.unfinished`;
  const output = createWriteStream(unfinished);
  let count = 0;
  try {
    for await (const dialogue of dialogues) {
      const line = `${JSON.stringify(toImportBody(dialogue, count, epochMs))}\n`;
      if (!output.write(line)) await once(output, 'drain');
      count += 1;
      if (count % PROGRESS_EVERY === 0) console.log(`${path}: ${count} conversations so far`);
    }
    output.end();
    await finished(output);
    await rename(unfinished, path);
  } catch (error) {
    output.destroy();
    await rm(unfinished, { force: true });
    throw error;
  }
  console.log(`${path}: ${count} conversations`);
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isDirectory() ?? false;
}

try {
  await main();
} catch (error) {
  console.error(describeFailure(error));
  process.exitCode = 1;
}
