import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { createClient } from '@colloquy/sdk';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openRestoreTarget } from '../fixtures/backups.ts';
import type { Facts } from '../fixtures/data-people.ts';
import { type Answers, READS, Recorder, readEverything } from '../fixtures/fixture-reads.ts';
import { FakeClock } from '../servers/test-server.ts';

const ARCHIVE = join(import.meta.dirname, '../fixtures/backup-migration-20');
const ANSWERS = join(ARCHIVE, 'answers');
/** After everything in the archive, and before anything in it expires. */
const NOW = Date.parse('2026-11-29T12:00:00Z');
/** `npm run fixture` sets it, to write the answers instead of comparing them. */
const isRecording = process.env.RECORD_ANSWERS === '1';

const closing = new AsyncDisposableStack();
let answers: Answers;
let recorded: Answers;

beforeAll(async () => {
  const facts: Facts = JSON.parse(await readFile(join(ARCHIVE, 'facts.json'), 'utf8'));
  const target = closing.use(await openRestoreTarget());
  const archive = join(target.folder, 'backup.tar');
  await writeFile(archive, brotliDecompressSync(await readFile(`${ARCHIVE}.tar.br`)));
  const { code, stderr } = await target.restore(archive, '--ledger', join(ARCHIVE, 'ledger'));
  expect({ code, stderr }).toMatchObject({ code: 0 });
  const server = closing.use(await target.open({ overrides: { clock: new FakeClock(NOW) } }));
  const clients = Object.fromEntries(
    Object.entries(facts.keys).map(([name, key]) => [name, server.client(key)]),
  );
  const recorder = new Recorder({
    ...clients,
    admin: server.admin,
    nobody: createClient({ baseUrl: server.url, retries: 0 }),
  });
  answers = await readEverything(recorder, facts);
  if (isRecording) await record(answers);
  recorded = await readRecorded();
}, 120_000);
afterAll(() => closing.disposeAsync());

async function record(all: Answers): Promise<void> {
  await rm(ANSWERS, { recursive: true, force: true });
  await mkdir(ANSWERS, { recursive: true });
  for (const [name, ofOperation] of Object.entries(all)) {
    const sorted = Object.fromEntries(Object.entries(ofOperation).sort());
    await writeFile(join(ANSWERS, `${name}.json`), `${JSON.stringify(sorted, null, 1)}\n`);
  }
}

async function readRecorded(): Promise<Answers> {
  const found: Answers = {};
  for (const file of await readdir(ANSWERS)) {
    found[file.replace('.json', '')] = JSON.parse(await readFile(join(ANSWERS, file), 'utf8'));
  }
  return found;
}

test('every operation that reads is called on the backup fixture', () => {
  expect(Object.keys(answers).toSorted()).toEqual(READS.toSorted());
});

describe('a restored backup of an earlier release', () => {
  test.each(READS)(
    'a server with a restored backup of an earlier release answers %s as recorded',
    (name) => {
      expect(answers[name]).toEqual(recorded[name]);
    },
  );
});
