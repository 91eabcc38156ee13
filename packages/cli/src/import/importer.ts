import { type Client, ConnectionError, type InputFor, type OutputOf } from '@colloquy/sdk';
import { MAX_CONVERSATION_BYTES, MIXED } from '@colloquy/wire';
import { failureSentence } from '../failure.ts';
import { openFile } from '../file-bytes.ts';
import { conversationId } from './conversation-id.ts';
import { InFlight } from './in-flight.ts';
import { BadLineError, readLines } from './lines.ts';
import { limitMemory } from './memory.ts';
import { findRecordings, type RecordingFile, readStartTimes } from './recordings.ts';
import type { SourceFile, Sources } from './sources.ts';
import { endsImport, retryWhileBusy } from './stop.ts';
import type { Tally } from './tally.ts';

/** Without the one that is being read. */
const MAX_HELD_BYTES = 16 * 1024 * 1024;

const LARGE_LINE_BYTES = 1024 * 1024;
const PART_BYTES = 64 * 1024;

interface ImportJob {
  readonly client: Client;
  readonly businessId: number;
  readonly sources: Sources;
  readonly concurrency: number;
  readonly forceRecordings: boolean;
  readonly tally: Tally;
  /** Aborted if all further lines would fail too. */
  readonly stop: AbortController;
  /** `where` is, for example, `calls.ndjson:17`. */
  readonly report: (where: string, problem: string) => void;
  readonly onRead: (file: SourceFile, bytes: number) => void;
}

type Written = OutputOf<'PutConversation'>;

/** Also resolves if stopped. */
export async function importAll(job: ImportJob): Promise<void> {
  const inFlight = new InFlight(job.concurrency, MAX_HELD_BYTES);
  const { signal } = job.stop;
  const addProcessed = limitMemory();
  for (const file of job.sources.files) {
    try {
      for await (const { number, text } of readLines(file, MAX_CONVERSATION_BYTES, (bytes) =>
        job.onRead(file, bytes),
      )) {
        const where = `${file.path}:${number}`;
        await inFlight.start(text?.length ?? 0, () =>
          importLine(job, where, text).catch((error) => job.stop.abort(error)),
        );
        addProcessed(text?.length ?? 0);
        if (signal.aborted) break;
      }
    } catch (error) {
      job.tally.failed += 1;
      job.report(file.path, failureSentence(error));
    }
    if (signal.aborted) break;
  }
  await inFlight.settle();
}

async function importLine(job: ImportJob, where: string, text: Buffer<ArrayBuffer> | null) {
  const { signal } = job.stop;
  if (signal.aborted) return;
  let written: Written;
  try {
    written = await write(job, text);
  } catch (error) {
    if (signal.aborted) return;
    if (endsImport(error)) return job.stop.abort(error);
    job.tally.failed += 1;
    job.report(where, problemOf(error));
    return;
  }
  if (job.sources.recordings !== null && text) await uploadRecordings(job, written, text);
}

async function write(job: ImportJob, text: Buffer<ArrayBuffer> | null): Promise<Written> {
  if (text === null) throw new BadLineError('The line is longer than 16 MiB.');
  const { client, businessId, tally } = job;
  const { signal } = job.stop;
  // Unchanged: parsing could hide errors from the server.
  const json = copyLine(text);
  const input = { businessId, sessionId: conversationId(text) } as InputFor<'PutConversation'>;
  let status = 200;
  const onSuccess = (answer: { status: number }) => {
    status = answer.status;
  };
  const call = () => client.putConversation(input, { json, signal, onSuccess });
  const written = await retryWhileBusy(call, signal);
  if (status === 201) tally.created += 1;
  else tally.existing += 1;
  return written;
}

/** The line's memory is reused. A large one becomes a Blob, which fetch does not copy again. */
function copyLine(text: Buffer<ArrayBuffer>): Buffer<ArrayBuffer> | Blob {
  if (text.length <= LARGE_LINE_BYTES) return Buffer.from(text);
  const parts = Array.from({ length: Math.ceil(text.length / PART_BYTES) }, (_, part) =>
    text.subarray(part * PART_BYTES, (part + 1) * PART_BYTES),
  );
  return new Blob(parts);
}

async function uploadRecordings(job: ImportJob, written: Written, line: Buffer): Promise<void> {
  const { signal } = job.stop;
  const fail = (path: string, problem: string) => {
    job.tally.failedRecordings += 1;
    job.report(path, problem);
  };
  const folder = job.sources.recordings ?? '';
  let times: ReturnType<typeof readStartTimes> | null = null;
  const startTimeOf = (participantId: string) => {
    times ??= readStartTimes(line);
    return times(participantId);
  };
  const found = await findRecordings(folder, written, startTimeOf).catch((error) => {
    fail(`${folder}/${written.Id}`, failureSentence(error));
    return { valid: [], invalid: [] };
  });
  for (const { path, problem } of found.invalid) fail(path, problem);
  for (const recording of found.valid) {
    if (signal.aborted) return;
    if (!job.forceRecordings && isUploaded(written, recording)) {
      job.tally.skipped += 1;
      continue;
    }
    try {
      await upload(job, written.Id, recording);
      job.tally.uploaded += 1;
    } catch (error) {
      if (signal.aborted) return;
      fail(recording.path, problemOf(error));
      // A single upload may break a connection; without a server, the next line stops the import.
      if (endsImport(error) && !(error instanceof ConnectionError)) job.stop.abort(error);
    }
  }
}

function isUploaded(written: Written, recording: RecordingFile): boolean {
  const { participantId, bytes, startTime } = recording;
  return (written.Recordings ?? []).some(
    ({ Kind, ParticipantId, Bytes, StartTime }) =>
      (Kind === 'Mixed' ? MIXED : ParticipantId) === participantId &&
      Bytes === bytes &&
      (startTime === null || Date.parse(StartTime ?? '') === Date.parse(startTime)),
  );
}

async function upload(job: ImportJob, sessionId: string, recording: RecordingFile): Promise<void> {
  const { client, businessId } = job;
  const { signal } = job.stop;
  const { participantId, contentType, startTime } = recording;
  const audio = await openFile(recording.path);
  const start = startTime === null ? {} : { StartTime: startTime };
  const input = { businessId, sessionId, participantId, contentType, audio, ...start };
  await retryWhileBusy(() => client.putRecording(input, { signal }), signal);
}

function problemOf(error: unknown): string {
  return error instanceof BadLineError ? error.message : failureSentence(error);
}
