import { type Client, ConnectionError, type InputFor, type OutputOf } from '@colloquy/sdk';
import { MAX_CONVERSATION_BYTES, MIXED } from '@colloquy/wire';
import { failureSentence } from '../failure.ts';
import { openFile } from '../file-bytes.ts';
import { conversationId } from './conversation-id.ts';
import { InFlight } from './in-flight.ts';
import { BadLineError, readLines } from './lines.ts';
import { keepMemoryLow } from './memory.ts';
import { findRecordings, type RecordingFile, readStartTimes } from './recordings.ts';
import type { SourceFile, Sources } from './sources.ts';
import { endsImport, patiently } from './stop.ts';
import type { Tally } from './tally.ts';

/** So much of the files is held at most, but for the line that is read. */
const HELD_BYTES = 16 * 1024 * 1024;

const LARGE = 1024 * 1024;
const PART = 64 * 1024;

export interface ImportJob {
  readonly client: Client;
  readonly businessId: number;
  readonly sources: Sources;
  readonly concurrency: number;
  /** Uploads also where the server has a recording of the same size. */
  readonly forceRecordings: boolean;
  readonly tally: Tally;
  /** Aborted by whoever wants it to end, and by the importer where no line can fare better. */
  readonly stop: AbortController;
  /** Told what could not be imported: `calls.ndjson:17`, and why. */
  readonly report: (where: string, problem: string) => void;
  readonly onRead: (file: SourceFile, bytes: number) => void;
}

type Written = OutputOf<'PutConversation'>;

/** Sends every line of the files, and the recordings of what was taken. Resolves also if stopped. */
export async function importAll(job: ImportJob): Promise<void> {
  const inFlight = new InFlight(job.concurrency, HELD_BYTES);
  const { signal } = job.stop;
  const passed = keepMemoryLow();
  for (const file of job.sources.files) {
    try {
      for await (const { number, text } of readLines(file, MAX_CONVERSATION_BYTES, (bytes) =>
        job.onRead(file, bytes),
      )) {
        const where = `${file.path}:${number}`;
        await inFlight.start(text?.length ?? 0, () =>
          importLine(job, where, text).catch((error) => job.stop.abort(error)),
        );
        passed(text?.length ?? 0);
        if (signal.aborted) break;
      }
    } catch (error) {
      // What is left of a file that can't be read on is lost; the other files are not.
      job.tally.failed += 1;
      job.report(file.path, failureSentence(error));
    }
    if (signal.aborted) break;
  }
  await inFlight.settle();
}

async function importLine(
  job: ImportJob,
  where: string,
  text: Buffer<ArrayBuffer> | null,
): Promise<void> {
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
  // The line itself is the rest of the input: parsing it here could hide what the server refuses.
  const json = keepLine(text);
  const input = { businessId, sessionId: conversationId(text) } as InputFor<'PutConversation'>;
  let status = 200;
  const onSuccess = (answer: { status: number }) => {
    status = answer.status;
  };
  const call = () => client.putConversation(input, { json, signal, onSuccess });
  const written = await patiently(call, signal);
  if (status === 201) tally.created += 1;
  else tally.there += 1;
  return written;
}

/** A line's own bytes; fetch copies what is given it, but not a Blob. */
function keepLine(text: Buffer<ArrayBuffer>): Buffer<ArrayBuffer> | Blob {
  if (text.length <= LARGE) return Buffer.from(text);
  const parts = Array.from({ length: Math.ceil(text.length / PART) }, (_, part) =>
    text.subarray(part * PART, (part + 1) * PART),
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
  // Only a line that has recordings is parsed.
  let times: ReturnType<typeof readStartTimes> | null = null;
  const startTimeOf = (participantId: string) => {
    times ??= readStartTimes(line);
    return times(participantId);
  };
  const found = await findRecordings(folder, written, startTimeOf).catch((error) => {
    fail(`${folder}/${written.Id}`, failureSentence(error));
    return { fit: [], unfit: [] };
  });
  for (const { path, problem } of found.unfit) fail(path, problem);
  for (const recording of found.fit) {
    if (signal.aborted) return;
    if (!job.forceRecordings && isThere(written, recording)) {
      job.tally.skipped += 1;
      continue;
    }
    try {
      await upload(job, written.Id, recording);
      job.tally.uploaded += 1;
    } catch (error) {
      if (signal.aborted) return;
      fail(recording.path, problemOf(error));
      // A connection can also break over one file; if it was the server, the next line will tell.
      if (endsImport(error) && !(error instanceof ConnectionError)) job.stop.abort(error);
    }
  }
}

/** A StartTime that the line does not give is no difference. */
function isThere(written: Written, recording: RecordingFile): boolean {
  const { participantId, bytes, startTime } = recording;
  const there = written.Recordings ?? [];
  return there.some(
    (it) =>
      (it.Kind === 'Mixed' ? MIXED : it.ParticipantId) === participantId &&
      it.Bytes === bytes &&
      (startTime === null || Date.parse(it.StartTime ?? '') === Date.parse(startTime)),
  );
}

async function upload(job: ImportJob, sessionId: string, recording: RecordingFile): Promise<void> {
  const { client, businessId } = job;
  const { signal } = job.stop;
  const { participantId, contentType, startTime } = recording;
  const audio = await openFile(recording.path);
  const start = startTime === null ? {} : { StartTime: startTime };
  const input = { businessId, sessionId, participantId, contentType, audio, ...start };
  await patiently(() => client.putRecording(input, { signal }), signal);
}

function problemOf(error: unknown): string {
  return error instanceof BadLineError ? error.message : failureSentence(error);
}
