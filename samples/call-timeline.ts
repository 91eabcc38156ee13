import { CallAudio } from './call-audio.ts';
import type { ToolCall } from './conversation.ts';
import { describeToolCall, formatInstant, type Log, type Message } from './conversation.ts';
import { cutAfterWord, FliteVoice, type VoiceName } from './flite-voice.ts';
import type { SeededRandom } from './seeded-random.ts';

export interface Speaker {
  id: string;
  role: 'User' | 'Agent';
  isAi: boolean;
  voice: VoiceName;
}

interface Timed<T> {
  item: T;
  startMs: number;
  endMs: number;
}

type UntimedMessage = Omit<Message, 'Timestamp' | 'EndedAt'>;
type UntimedLog = Omit<Log, 'Timestamp'>;

const SLOW_TOOL_MS = 1500;
const MIN_BREATH_MS = 60;
/** The overlap before an interrupted speaker stops. */
const OVERLAP_MS = 380;

/** Builds the events of a call; times are milliseconds from its StartTime. */
export class CallTimeline {
  readonly audio = new Map<string, CallAudio>();
  cursorMs = 0;
  readonly #random: SeededRandom;
  readonly #messages: Timed<UntimedMessage>[] = [];
  readonly #logs: Timed<UntimedLog>[] = [];
  readonly #endOf = new Map<string, number>();
  #endOfClientSpeechMs: number | null = null;

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  wait(leastMs: number, mostMs = leastMs): void {
    this.cursorMs += this.#random.between(leastMs, mostMs);
  }

  waitUntil(ms: number): void {
    this.cursorMs = Math.max(this.cursorMs, ms);
  }

  log(level: Log['Level'], source: string, message: string, details?: Log['Details']): void {
    const item = {
      Level: level,
      Message: message,
      Source: source,
      ...(details && { Details: details }),
    };
    this.#logs.push({ item, startMs: this.cursorMs, endMs: this.cursorMs });
  }

  /** Adds speech after the cursor or at `startMs`; a speaker never overlaps with itself. */
  say(speaker: Speaker, text: string, startMs?: number): Timed<UntimedMessage> {
    return this.#place(speaker, text, new FliteVoice(speaker.voice).speak(text), startMs);
  }

  /**
   * Adds speech of the agent that the client interrupts after about two thirds of the words. The
   * transcript contains only the spoken words. Returns false, without a change, if the words cannot
   * be found in the sound.
   */
  sayUntilInterrupted(speaker: Speaker, text: string): boolean {
    const whole = new FliteVoice(speaker.voice).speak(text);
    if (!whole.words || whole.words.length < 6) return false;
    const part = cutAfterWord(whole, Math.floor(whole.words.length * 0.66));
    const content = part.words?.map((word) => word.Word).join(' ') ?? text;
    this.#place(speaker, content, part);
    this.cursorMs -= OVERLAP_MS;
    this.log('Debug', 'agent', 'Client interrupted, speech stopped', { OverlapMs: OVERLAP_MS });
    return true;
  }

  useTool(senderId: string, call: ToolCall): void {
    this.wait(180, 320);
    const slow = this.#random.next() < 0.08;
    const latency = slow ? this.#random.between(1600, 2600) : this.#random.between(140, 900);
    const item: UntimedMessage = {
      SenderId: senderId,
      Role: 'Tool',
      Content: describeToolCall(call),
      ToolCall: { ...call, LatencyMs: latency },
    };
    const startMs = this.cursorMs;
    this.cursorMs += latency;
    this.#messages.push({ item, startMs, endMs: this.cursorMs });
    const details = { CallId: call.CallId, LatencyMs: latency };
    if (call.IsError) {
      this.log('Warning', 'tools', `${call.Name} answered with an error`, details);
    } else if (latency > SLOW_TOOL_MS) {
      this.log('Warning', 'tools', `${call.Name} was slow: ${latency} ms`, details);
    } else {
      this.log('Debug', 'tools', `${call.Name} answered in ${latency} ms`, details);
    }
  }

  messagesFrom(epochMs: number): Message[] {
    const timed = this.#messages.toSorted((a, b) => a.startMs - b.startMs);
    return timed.map((entry) => {
      const { SenderId, Role, Content, ...extras } = entry.item;
      return {
        SenderId,
        Role,
        Content,
        Timestamp: formatInstant(epochMs + entry.startMs),
        EndedAt: formatInstant(epochMs + entry.endMs),
        ...(isInterrupted(entry, timed) && { WasInterrupted: true }),
        ...extras,
      };
    });
  }

  logsFrom(epochMs: number): Log[] {
    const timed = this.#logs.toSorted((a, b) => a.startMs - b.startMs);
    return timed.map(({ item: { Level, Message, ...extras }, startMs }) => ({
      Level,
      Message,
      Timestamp: formatInstant(epochMs + startMs),
      ...extras,
    }));
  }

  #place(
    speaker: Speaker,
    text: string,
    { samples, durationMs, words }: ReturnType<FliteVoice['speak']>,
    wantedMs = this.cursorMs,
  ): Timed<UntimedMessage> {
    const earliest = (this.#endOf.get(speaker.id) ?? -MIN_BREATH_MS) + MIN_BREATH_MS;
    const startMs = Math.max(wantedMs, earliest);
    const endMs = startMs + durationMs;
    const audio = this.audio.get(speaker.id) ?? new CallAudio();
    this.audio.set(speaker.id, audio);
    audio.add(samples, startMs);
    const item: UntimedMessage = {
      SenderId: speaker.id,
      Role: speaker.role,
      Content: text,
      ...this.#measurements(speaker, startMs),
      ...(words && { Words: words }),
    };
    const entry = { item, startMs, endMs };
    this.#messages.push(entry);
    this.#endOf.set(speaker.id, endMs);
    this.cursorMs = Math.max(this.cursorMs, endMs);
    this.#endOfClientSpeechMs = speaker.role === 'User' ? endMs : null;
    return entry;
  }

  #measurements(speaker: Speaker, startMs: number): Pick<Message, 'Confidence' | 'Metrics'> {
    if (speaker.role === 'User') {
      const isUnclear = this.#random.next() < 0.06;
      const confidence = this.#random.between(isUnclear ? 62 : 88, isUnclear ? 79 : 99) / 100;
      if (isUnclear) {
        this.log('Debug', 'speech', 'Low confidence in what was heard', { Confidence: confidence });
      }
      return { Confidence: confidence };
    }
    // Only the first utterance after the client's is an answer.
    const heardMs = this.#endOfClientSpeechMs;
    if (!speaker.isAi || heardMs === null || startMs <= heardMs) return {};
    const latency = startMs - heardMs;
    const share = this.#random.between(35, 55) / 100;
    return { Metrics: { LatencyMs: latency, TtfbMs: Math.round(latency * share) } };
  }
}

function isInterrupted(entry: Timed<UntimedMessage>, all: Timed<UntimedMessage>[]): boolean {
  return (
    entry.item.Role !== 'Tool' &&
    all.some(
      (other) =>
        other.item.Role !== 'Tool' &&
        other.item.SenderId !== entry.item.SenderId &&
        other.startMs > entry.startMs &&
        other.startMs < entry.endMs,
    )
  );
}
