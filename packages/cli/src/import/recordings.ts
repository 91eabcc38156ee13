import { readdir, stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import type { OutputOf } from '@colloquy/sdk';
import { MIXED, putRecording } from '@colloquy/wire';
import { AUDIO_EXTENSIONS, audioTypeOf } from '../audio-file.ts';

export interface RecordingFile {
  readonly path: string;
  readonly participantId: string;
  readonly contentType: string;
  readonly bytes: number;
  readonly startTime: string | null;
}

/** The folder need not exist. `startTimeOf` returns a participant's StartTime in the line. */
export async function findRecordings(
  folder: string,
  conversation: Pick<OutputOf<'PutConversation'>, 'Id' | 'Clients' | 'Agents'>,
  startTimeOf: (participantId: string) => string | null,
) {
  const ids = [
    MIXED,
    ...conversation.Clients.map(({ ClientId }) => ClientId),
    ...conversation.Agents.map(({ AgentId }) => AgentId),
  ];
  const valid: RecordingFile[] = [];
  const invalid: { path: string; problem: string }[] = [];
  for (const name of await visibleNames(join(folder, conversation.Id))) {
    const path = join(folder, conversation.Id, name);
    const { size: bytes } = await stat(path);
    const participantId = basename(name, extname(name));
    const contentType = audioTypeOf(name);
    const same = valid.find((other) => other.participantId === participantId);
    if (contentType === null) {
      invalid.push({ path, problem: `The extension must be one of ${AUDIO_EXTENSIONS}.` });
    } else if (!ids.includes(participantId)) {
      invalid.push({ path, problem: `${participantId} is not a participant of the conversation.` });
    } else if (same) {
      const problem = `${basename(same.path)} is a recording of the same participant; keep one.`;
      invalid.push({ path, problem });
    } else if (bytes > putRecording.bodyLimit) {
      invalid.push({ path, problem: 'It is larger than 1 GiB.' });
    } else {
      const startTime = startTimeOf(participantId);
      valid.push({ path, participantId, contentType, bytes, startTime });
    }
  }
  return { valid, invalid };
}

/** From the `Recordings` of a line, which must be JSON that the server has accepted. */
export function readStartTimes(line: Buffer): (participantId: string) => string | null {
  const times = new Map<string, string>();
  if (!line.includes('"Recordings"')) return () => null;
  const { Recordings } = JSON.parse(line.toString()) as { Recordings?: unknown };
  for (const one of Array.isArray(Recordings) ? Recordings : []) {
    const { Kind, ParticipantId, StartTime } = (one ?? {}) as Record<string, unknown>;
    const id = Kind === 'Mixed' ? MIXED : ParticipantId;
    if (typeof id === 'string' && typeof StartTime === 'string') times.set(id, StartTime);
  }
  return (participantId) => times.get(participantId) ?? null;
}

async function visibleNames(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries
      .filter((entry) => !entry.isDirectory() && !entry.name.startsWith('.'))
      .map(({ name }) => name)
      .sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
