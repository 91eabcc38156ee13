import { type Fields, fieldsOf, filledOf, numberOf, textOf, type Warnings } from '../fields.ts';
import type { Moment, ReportedLog } from '../source.ts';
import { ItemOrder } from './item-order.ts';
import { type Item, newItem } from './items.ts';
import { SESSION_FIELDS } from './known-events.ts';
import type { LogEvent } from './log.ts';

export interface Response {
  /** In no conversation, such as a classification of it. */
  isOutside?: boolean;
  isCanceled?: boolean;
  /** The playback was stopped. */
  isCut?: boolean;
}

export interface Delta {
  readonly text: string;
  /** Milliseconds since the beginning of the session. */
  readonly elapsedMs: number | null;
  readonly moment: Moment;
}

/** Pauses of the microphone are not in the audio, whose position then says little about the time. */
const MAX_DISAGREEMENT_MILLISECONDS = 10_000;

/** What the events of a log have said so far. */
export class SessionLog {
  readonly items = new Map<string, Item>();
  readonly order = new ItemOrder();
  readonly responses = new Map<string, Response>();
  readonly logs: ReportedLog[] = [];
  /** Of a translation session, which has no items. */
  readonly spoken: Delta[] = [];
  readonly translated: Delta[] = [];
  readonly warnings: Warnings;
  session: Fields = {};
  sessionId: string | null = null;
  conversationId: string | null = null;
  /** What the webhook says that announces a call over SIP. */
  incoming: Fields = {};
  isPhone = false;
  startTime: number | null = null;
  end: { readonly at: number | null; readonly reason: string | null } | null = null;
  readonly usage = new Map<string, number>();
  #sessionStart: number | null = null;

  constructor(warnings: Warnings) {
    this.warnings = warnings;
  }

  startSession({ fields, at }: LogEvent): void {
    // A process that connects again continues the call.
    if (this.sessionId !== null) this.order.startSession();
    this.sessionId ??= textOf(fieldsOf(fields.session).id);
    this.startTime ??= at;
    this.#sessionStart = at;
    this.end = null;
    this.updateSession(fieldsOf(fields.session));
  }

  updateSession(session: Fields): void {
    this.warnings.unknownFields('session.', session, SESSION_FIELDS);
    this.session = { ...this.session, ...filledOf(session) };
  }

  item(id: unknown, at: number | null): Item {
    const key = textOf(id) ?? 'unknown';
    const item = this.items.get(key) ?? newItem(key);
    this.items.set(key, item);
    this.order.see(key);
    item.seenAt ??= at;
    return item;
  }

  response(id: unknown): Response {
    const key = textOf(id) ?? 'unknown';
    const response = this.responses.get(key) ?? {};
    this.responses.set(key, response);
    return response;
  }

  /** Of a position in the audio that the person sent. */
  audioMoment(position: unknown, at: number | null): Moment {
    const milliseconds = numberOf(position);
    if (milliseconds === null) return at;
    if (this.#sessionStart === null) return at ?? { sinceStart: milliseconds };
    const moment = this.#sessionStart + milliseconds;
    const isWrong = at !== null && Math.abs(moment - at) > MAX_DISAGREEMENT_MILLISECONDS;
    return isWrong ? at : moment;
  }

  delta({ fields, at }: LogEvent): Delta {
    const elapsedMs = numberOf(fields.elapsed_ms);
    const start = this.#sessionStart;
    if (elapsedMs === null) {
      const sinceStart = at === null || start === null ? null : at - start;
      return { text: textOf(fields.delta) ?? '', elapsedMs: sinceStart, moment: at };
    }
    const moment = start === null ? { sinceStart: elapsedMs } : start + elapsedMs;
    return { text: textOf(fields.delta) ?? '', elapsedMs, moment };
  }

  log(level: ReportedLog['level'], message: string, at: number | null, details: Fields): void {
    const filled = filledOf(details);
    this.logs.push({ level, message, at, source: 'openai', ...(filled && { details: filled }) });
  }
}

export type Apply = (log: SessionLog, event: LogEvent) => void;
export type EventTable = Readonly<Record<string, Apply>>;
