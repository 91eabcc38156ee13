import { readdir, stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { MIXED, putRecording } from '@colloquy/wire';
import { AUDIO_ENDINGS, audioTypeOf } from '../audio-file.ts';

/** A recording in the folder of its conversation. */
export interface RecordingFile {
  readonly path: string;
  readonly participantId: string;
  readonly contentType: string;
  readonly bytes: number;
  /** As the line of its conversation says. */
  readonly startTime: string | null;
}

/** A file that can't be the recording of anybody in its conversation, and why. */
export interface UnfitFile {
  readonly path: string;
  readonly problem: string;
}

/** What is to be known of a conversation to tell which recordings are its own. */
export interface Participants {
  readonly Clients: readonly { readonly ClientId: string }[];
  readonly Agents: readonly { readonly AgentId: string }[];
}

/**
 * The recordings of one conversation; none where it has no folder. `startTimeOf` gives what the line of
 * the conversation says of a participant's recording.
 */
export async function findRecordings(
  folder: string,
  conversation: Participants & { readonly Id: string },
  startTimeOf: (participantId: string) => string | null,
): Promise<{ fit: RecordingFile[]; unfit: UnfitFile[] }> {
  const ids = [
    MIXED,
    ...conversation.Clients.map(({ ClientId }) => ClientId),
    ...conversation.Agents.map(({ AgentId }) => AgentId),
  ];
  const fit: RecordingFile[] = [];
  const unfit: UnfitFile[] = [];
  for (const name of await visibleNames(join(folder, conversation.Id))) {
    const path = join(folder, conversation.Id, name);
    const { size: bytes } = await stat(path);
    const participantId = basename(name, extname(name));
    const contentType = audioTypeOf(name);
    const same = fit.find((other) => other.participantId === participantId);
    if (contentType === null) {
      unfit.push({ path, problem: `Its ending is none of ${AUDIO_ENDINGS}.` });
    } else if (!ids.includes(participantId)) {
      unfit.push({ path, problem: `${participantId} is no participant of the conversation.` });
    } else if (same) {
      unfit.push({ path, problem: `${basename(same.path)} is the same participant's.` });
    } else if (bytes > putRecording.bodyLimit) {
      unfit.push({ path, problem: 'It is larger than 1 GiB.' });
    } else {
      const startTime = startTimeOf(participantId);
      fit.push({ path, participantId, contentType, bytes, startTime });
    }
  }
  return { fit, unfit };
}

/**
 * The StartTime of each recording that a line names in `Recordings`, as GetConversation gives them. The
 * server has taken the line, so it is JSON; anything else in there is ignored.
 */
export function readStartTimes(line: Buffer): (participantId: string) => string | null {
  const times = new Map<string, string>();
  const none = () => null;
  if (!line.includes('"Recordings"')) return none;
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
