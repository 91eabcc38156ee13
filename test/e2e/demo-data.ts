import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Client } from '@colloquy/sdk';
import { inject } from 'vitest';
import type { TestProject } from 'vitest/node';
import { startServer } from '../servers/server-process.ts';
import { browserPath } from './chromium.ts';

declare module 'vitest' {
  interface ProvidedContext {
    demoFolder: string;
  }
}

export const DEMO_BUSINESS = 12345;
const HANGS_AFTER_MS = 15 * 60_000;
const LOOK_EVERY_MS = 1_000;
/** Without ffmpeg, as on a new machine. */
export const NO_FFMPEG = { PATH: dirname(process.execPath) };

/** A file beside the data: empty if the data is ready, otherwise the error. */
const RESULT_SUFFIX = '.result';

/**
 * Prepares the sample data once for all tests that need it, while other tests run: its waveforms take
 * half a minute of processor time.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const parent = await mkdtemp(join(tmpdir(), 'colloquy-demo-'));
  const folder = join(parent, 'data');
  project.provide('demoFolder', folder);
  // The files named on the command line; all files if none are named.
  const { filenamePattern } = project.vitest as { filenamePattern?: string[] };
  const { testFiles } = await project.globTestFiles(filenamePattern);
  const names = (part: string) => testFiles.some((file) => file.includes(part));
  const isWanted =
    names('/document-examples.test.ts') || (names('/test/e2e/') && browserPath() !== null);
  const stopping = new AbortController();
  const making = isWanted ? make(folder, stopping.signal) : Promise.resolve();
  return async () => {
    stopping.abort();
    await making;
    await rm(parent, { recursive: true, force: true, maxRetries: 10 });
  };
}

/** Creates the data and writes the result file that tests wait for. */
async function make(folder: string, signal: AbortSignal): Promise<void> {
  const result = await fill(folder, signal).then(
    () => '',
    (error: unknown) => String(error),
  );
  const draft = `${folder}.draft`;
  await writeFile(draft, result);
  await rename(draft, folder + RESULT_SUFFIX);
}

async function fill(folder: string, signal: AbortSignal): Promise<void> {
  await using server = await startServer({ DATA_DIR: folder, DEMO: '1', ...NO_FFMPEG });
  const hangsAt = performance.now() + HANGS_AFTER_MS;
  for (const recording of await listRecordings(server.admin)) {
    while (!(await hasWaveform(server.admin, recording))) {
      if (performance.now() > hangsAt) throw new Error('the waveforms are not made');
      await sleep(LOOK_EVERY_MS, undefined, { signal });
    }
  }
}

/** Waits for the sample data and copies it into a data folder. */
export async function copyDemoData(dataDir: string): Promise<void> {
  const folder = inject('demoFolder');
  const readResult = () => readFile(folder + RESULT_SUFFIX, 'utf8').catch(() => null);
  let result = await readResult();
  while (result === null) {
    await sleep(LOOK_EVERY_MS);
    result = await readResult();
  }
  if (result !== '') throw new Error(`the sample data could not be made: ${result}`);
  // `cp` of node:fs takes five times as much processor time.
  await promisify(execFile)('cp', ['-a', `${folder}/.`, dataDir]);
}

interface Recording {
  readonly businessId: number;
  readonly sessionId: string;
  readonly participantId: string;
}

async function listRecordings(admin: Client): Promise<Recording[]> {
  const businessId = DEMO_BUSINESS;
  const { Items } = await admin.getConversations({ businessId, Limit: 100 });
  return Items.flatMap(({ Id: sessionId, Recordings = [] }) =>
    Recordings.map(({ ParticipantId, Kind }) => ({
      businessId,
      sessionId,
      participantId: Kind === 'Mixed' ? '_mixed' : (ParticipantId ?? ''),
    })),
  );
}

const hasWaveform = (admin: Client, recording: Recording): Promise<boolean> =>
  admin.getRecordingPeaks(recording).then(Boolean, () => false);
