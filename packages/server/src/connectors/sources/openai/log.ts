import { type Fields, fieldsOf, instantOf, textOf, type Warnings } from '../fields.ts';
import type { StoredDelivery, TimedDelivery } from '../source.ts';
import { ALIASES } from './known-events.ts';

/** Of every part of a log, if its lines do not say the session. */
export const SESSION_HEADER = 'x-session-id';

export interface LogEvent {
  /** The current name. */
  readonly type: string;
  readonly fields: Fields;
  /** When the process received it; null if the log does not say. */
  readonly at: number | null;
}

interface Line extends LogEvent {
  readonly sessionId: string | null;
}

/**
 * The header, or the `session_id` of a line, or the session of the first event that has one. Null if
 * the part does not say to which call it belongs.
 */
export function sessionIdOf({ headers, body }: StoredDelivery): string | null {
  const given = textOf(headers[SESSION_HEADER]);
  if (given !== null) return given;
  for (const value of valuesOf(body)) {
    const line = value && lineOf(value);
    const session = line?.type.startsWith('session.') ? fieldsOf(line.fields.session) : {};
    const id = line?.sessionId ?? textOf(session.id);
    if (id) return id;
  }
  return null;
}

/**
 * The events of all parts of a log, each once, in the order in which the process received them. Parts
 * may overlap, and come in any order if their lines have times.
 */
export function readLog(deliveries: readonly TimedDelivery[], warnings: Warnings): LogEvent[] {
  const problems = new Set<string>();
  const ordered = deliveries
    .map((delivery) => readPart(delivery, problems))
    .sort((a, b) => rank(a, 0) - rank(b, 0) || rank(a, -1) - rank(b, -1))
    .flat()
    .sort((a, b) => a.rank - b.rank);
  for (const problem of [...problems].sort()) warnings.add(problem);
  const events = new Map<string, LogEvent>();
  for (const { line } of ordered) {
    const key = textOf(line.fields.event_id) ?? `${line.at} ${JSON.stringify(line.fields)}`;
    if (!events.has(key)) events.set(key, line);
  }
  return [...events.values()];
}

interface RankedLine {
  readonly line: Line;
  /** Its time, or that of a line near it. */
  readonly rank: number;
}

const rank = (part: readonly RankedLine[], at: number) => part.at(at)?.rank ?? 0;

function readPart(delivery: TimedDelivery, problems: Set<string>): RankedLine[] {
  // The header counts for all lines.
  const id = delivery.headers[SESSION_HEADER] ? null : sessionIdOf(delivery);
  const lines: Line[] = [];
  for (const value of valuesOf(delivery.body)) {
    const line = value && lineOf(value);
    if (!line) problems.add('A line of the log is not a JSON object with a type.');
    else if (id !== null && line.sessionId !== null && line.sessionId !== id) {
      problems.add('A part of the log has lines of several sessions; only the first one was read.');
    } else lines.push(line);
  }
  let reached = lines.find(({ at }) => at !== null)?.at ?? delivery.receivedAt;
  return lines.map((line) => {
    reached = line.at ?? reached;
    return { line, rank: reached };
  });
}

/** Null for a line that is not JSON. A list counts as its lines. */
function* valuesOf(body: Buffer): Generator<Fields | null> {
  const text = body.toString('utf8').replace(/^\uFEFF/, '');
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    const value = parse(line);
    for (const one of Array.isArray(value) ? value : [value]) {
      yield typeof one === 'object' && one !== null && !Array.isArray(one) ? one : null;
    }
  }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

/** The event itself with the keys of the log, or `{"received_at", "session_id", "event"}`. */
function lineOf(value: Fields): Line | null {
  const { received_at, session_id, ...rest } = value;
  const fields = textOf(value.type) === null ? fieldsOf(value.event) : rest;
  const type = textOf(fields.type);
  if (type === null) return null;
  return {
    type: ALIASES[type] ?? type,
    fields,
    at: instantOf(received_at),
    sessionId: textOf(session_id),
  };
}
