import type { OutputOf } from '@colloquy/sdk';

export type Conversation = OutputOf<'GetConversation'>;
export type Message = Conversation['Messages'][number];
export type Log = Conversation['Logs'][number];

/** A line of the transcript; times are milliseconds from the start of the conversation. */
export type Entry =
  | {
      readonly kind: 'message';
      /** From 1, as a link names it. */
      readonly number: number;
      readonly at: number;
      /** Until when it is spoken. */
      readonly until: number;
      readonly message: Message;
      /** How long the other side had waited for it; null where that is not known. */
      readonly latency: number | null;
    }
  | { readonly kind: 'log'; readonly at: number; readonly log: Log; readonly number: number };
export type MessageEntry = Extract<Entry, { kind: 'message' }>;

/** How long a message without an end is taken to be spoken. */
const MAX_GUESS = 15_000;

/** The messages of a conversation on its own clock. */
export function messagesOf({
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
          : Math.min(nextAt, at + MAX_GUESS);
    const latency = latencyOf(message, Messages, index);
    return { kind: 'message', number: index + 1, at, until: Math.max(until, at), message, latency };
  });
}

/**
 * What the engine measured, else the time from the end of what the user said to the answer, over what
 * the agent looked up in between.
 */
function latencyOf(message: Message, all: readonly Message[], index: number): number | null {
  if (message.Role !== 'Agent') return null;
  const measured = message.Metrics?.LatencyMs;
  if (measured !== undefined) return measured;
  let at = index - 1;
  while (all[at]?.Role === 'Tool') at -= 1;
  const asked = all[at];
  if (asked?.Role !== 'User' || asked.EndedAt == null) return null;
  const waited = Date.parse(message.Timestamp) - Date.parse(asked.EndedAt);
  return waited >= 0 ? waited : null;
}

/** Messages, and logs of some levels, in one order of time; what was logged comes first of a moment. */
export function withLogs(
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

/** The message that is spoken at a time, else the last one before; -1 where there is none yet. */
export function indexAt(messages: readonly MessageEntry[], time: number): number {
  let [low, high] = [0, messages.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((messages[middle]?.at ?? 0) <= time) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** The word of a message that is spoken at a time; -1 where none is. */
export function wordAt({ at, message }: MessageEntry, time: number): number {
  const words = message.Words ?? [];
  return words.findIndex(({ StartMs, EndMs }) => time >= at + StartMs && time < at + EndMs);
}

/** How long the conversation is, as far as it goes; what was said after its end counts. */
export function lengthOf(conversation: Conversation, messages: readonly MessageEntry[]): number {
  const { StartTime, EndTime } = conversation;
  const ended = EndTime === null ? 0 : Date.parse(EndTime) - Date.parse(StartTime);
  return Math.max(ended, messages.at(-1)?.until ?? 0, 1);
}

export interface Span {
  readonly from: number;
  readonly to: number;
}

const QUIET = 0.02;
const MIN_SILENCE = 1_000;
/** What is left of a silence at each of its ends, so that speech does not begin abruptly. */
const MARGIN = 150;

/**
 * The stretches in which nothing is heard on any track and nothing is spoken, by the peaks of each
 * track (`perSecond` of them, beginning at `offset`).
 */
export function silencesOf(
  tracks: readonly {
    readonly offset: number;
    readonly perSecond: number;
    readonly peaks: readonly (readonly number[])[];
  }[],
  messages: readonly MessageEntry[],
  length: number,
): Span[] {
  if (tracks.length === 0) return [];
  // A message that does not say until when it was spoken is heard by its peaks alone.
  const heard: Span[] = messages.flatMap(({ at, until, message }) =>
    message.Role !== 'Tool' && (message.EndedAt != null || (message.Words?.length ?? 0) > 0)
      ? [{ from: at, to: until }]
      : [],
  );
  for (const { offset, perSecond, peaks } of tracks) {
    const step = 1000 / perSecond;
    for (const channel of peaks) {
      channel.forEach((peak, index) => {
        if (Math.abs(peak) < QUIET) return;
        heard.push({ from: offset + index * step, to: offset + (index + 1) * step });
      });
    }
  }
  const silences: Span[] = [];
  let until = 0;
  for (const span of [...heard.sort((a, b) => a.from - b.from), { from: length, to: length }]) {
    if (span.from - until >= MIN_SILENCE) {
      silences.push({ from: until + MARGIN, to: span.from - MARGIN });
    }
    until = Math.max(until, span.to);
  }
  return silences;
}
