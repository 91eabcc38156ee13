import type { OutputOf } from '@colloquy/sdk';

export type Conversation = OutputOf<'GetConversation'>;
export type Message = Conversation['Messages'][number];
export type Log = Conversation['Logs'][number];

/** A row of the transcript; times in milliseconds from the start of the conversation. */
export type Entry =
  | {
      readonly kind: 'message';
      readonly number: number;
      readonly at: number;
      readonly until: number;
      readonly message: Message;
      /** Milliseconds until this answer; null if unknown. */
      readonly latency: number | null;
    }
  | { readonly kind: 'log'; readonly at: number; readonly log: Log; readonly number: number };
export type MessageEntry = Extract<Entry, { kind: 'message' }>;

/** Milliseconds; assumed maximum length of a message without an end. */
const MAX_GUESSED_LENGTH = 15_000;

export function toMessageEntries({
  StartTime,
  Messages,
}: Pick<Conversation, 'StartTime' | 'Messages'>): MessageEntry[] {
  const start = Date.parse(StartTime);
  return Messages.map((message, index) => {
    const at = Date.parse(message.Timestamp) - start;
    const next = Messages[index + 1];
    const nextAt = next ? Date.parse(next.Timestamp) - start : Number.POSITIVE_INFINITY;
    const lastWord = message.Words?.at(-1);
    const until =
      message.EndedAt != null
        ? Date.parse(message.EndedAt) - start
        : lastWord
          ? at + lastWord.EndMs
          : Math.min(nextAt, at + MAX_GUESSED_LENGTH);
    const latency = latencyOf(message, Messages, index);
    return { kind: 'message', number: index + 1, at, until: Math.max(until, at), message, latency };
  });
}

/** As measured, or else from the end of the user's message to the answer, with tool calls. */
function latencyOf(message: Message, all: readonly Message[], index: number): number | null {
  if (message.Role !== 'Agent') return null;
  const measured = message.Metrics?.LatencyMs;
  if (measured !== undefined) return measured;
  let at = index - 1;
  while (all[at]?.Role === 'Tool') at -= 1;
  const question = all[at];
  if (question?.Role !== 'User' || question.EndedAt == null) return null;
  const waited = Date.parse(message.Timestamp) - Date.parse(question.EndedAt);
  return waited >= 0 ? waited : null;
}

/** Messages and logs of the given levels by time; at the same time, logs come first. */
export function mergeLogs(
  messages: readonly MessageEntry[],
  { StartTime, Logs }: Pick<Conversation, 'StartTime' | 'Logs'>,
  levels: readonly string[],
): Entry[] {
  const start = Date.parse(StartTime);
  const logs = Logs.flatMap((log, index): Entry[] =>
    levels.includes(log.Level)
      ? [{ kind: 'log', at: Date.parse(log.Timestamp) - start, log, number: index + 1 }]
      : [],
  );
  const rank = ({ kind }: Entry) => (kind === 'log' ? 0 : 1);
  return [...logs, ...messages].sort((a, b) => a.at - b.at || rank(a) - rank(b));
}

export function findIndexAt(messages: readonly MessageEntry[], time: number): number {
  let [low, high] = [0, messages.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((messages[middle]?.at ?? 0) <= time) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

export function findWordAt({ at, message }: MessageEntry, time: number): number {
  const words = message.Words ?? [];
  return words.findIndex(({ StartMs, EndMs }) => time >= at + StartMs && time < at + EndMs);
}

export function computeLength(
  conversation: Conversation,
  messages: readonly MessageEntry[],
): number {
  const { StartTime, EndTime } = conversation;
  const ended = EndTime === null ? 0 : Date.parse(EndTime) - Date.parse(StartTime);
  return Math.max(ended, messages.at(-1)?.until ?? 0, 1);
}

export interface Span {
  readonly from: number;
  readonly to: number;
}

const QUIET_PEAK = 0.02;
const MIN_SILENCE = 1_000;
/** Milliseconds of silence that stay at each end, to not cut off speech. */
const SILENCE_MARGIN = 150;

/** Ranges without sound on any track and without messages. */
export function findSilences(
  tracks: readonly {
    readonly offset: number;
    readonly perSecond: number;
    readonly peaks: readonly (readonly number[])[];
  }[],
  messages: readonly MessageEntry[],
  length: number,
): Span[] {
  if (tracks.length === 0) return [];
  // For a message without an end, only the peaks count.
  const heard: Span[] = messages.flatMap(({ at, until, message }) =>
    message.Role !== 'Tool' && (message.EndedAt != null || (message.Words?.length ?? 0) > 0)
      ? [{ from: at, to: until }]
      : [],
  );
  for (const { offset, perSecond, peaks } of tracks) {
    const step = 1000 / perSecond;
    for (const channel of peaks) {
      channel.forEach((peak, index) => {
        if (Math.abs(peak) < QUIET_PEAK) return;
        heard.push({ from: offset + index * step, to: offset + (index + 1) * step });
      });
    }
  }
  const silences: Span[] = [];
  let until = 0;
  for (const span of [...heard.sort((a, b) => a.from - b.from), { from: length, to: length }]) {
    if (span.from - until >= MIN_SILENCE) {
      silences.push({ from: until + SILENCE_MARGIN, to: span.from - SILENCE_MARGIN });
    }
    until = Math.max(until, span.to);
  }
  return silences;
}
