import type { Conversation, Message } from './conversation.ts';

export interface RecordingPlace {
  readonly participantId: string;
  readonly startTime: number | null;
  readonly durationMs: number | null;
}

export interface StartWindow {
  readonly earliest: number;
  readonly latest: number;
}

/** A file that is shorter than this part of its conversation began late or ended early. */
const MIN_WHOLE_PART = 0.9;

/**
 * Audio is muted if it is masked for any possible start:
 * - The given start, unless the file would exceed the conversation: its clock may be wrong.
 * - Engines record from the start of the conversation or from when the participant joined.
 * - A short file, or one of unknown length, may begin at any time from which it fits.
 */
export function possibleStarts(
  conversation: Conversation,
  { participantId, startTime, durationMs }: RecordingPlace,
): StartWindow[] {
  const begin = conversation.startTime;
  const end = endOf(conversation);
  if (startTime !== null && startTime < end && startTime + (durationMs ?? 1) > begin) {
    return [{ earliest: startTime, latest: startTime }];
  }
  const starts = [begin, ...joinTimesOf(conversation, participantId)];
  if (durationMs !== null && durationMs >= MIN_WHOLE_PART * (end - begin)) {
    return [...new Set(starts)].map((start) => ({ earliest: start, latest: start }));
  }
  return [{ earliest: Math.min(...starts), latest: Math.max(...starts, end - (durationMs ?? 0)) }];
}

function joinTimesOf({ clients, agents }: Conversation, participantId: string): number[] {
  return [
    ...clients.filter(({ clientId }) => clientId === participantId),
    ...agents.filter(({ agentId }) => agentId === participantId),
  ].map(({ joinedAt }) => joinedAt);
}

/** Late messages may be spoken after the reported end. */
function endOf({ startTime, endTime, messages }: Conversation): number {
  let end = Math.max(startTime, endTime ?? startTime);
  for (const message of messages) end = Math.max(end, endOfMessage(message));
  return end;
}

const endOfMessage = ({ at, endedAt, words }: Message): number =>
  Math.max(at, endedAt ?? at, at + (words?.at(-1)?.endMs ?? 0));
