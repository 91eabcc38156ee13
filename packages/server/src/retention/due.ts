import type { EndType, InitiationType } from '@colloquy/wire';
import type { RetentionRule } from '../access/businesses/retention-rules.ts';

const DAY = 86_400_000;

/** What rules ask of a conversation that is sealed. */
export interface Facts {
  readonly initiationType: InitiationType;
  readonly endType: EndType;
  readonly campaignId: string | null;
  /** For each of the rules with metadata, in their order, whether the conversation's contains it: 1 or 0. */
  readonly contains: string;
  readonly hasTranscript: boolean;
  readonly hasLogs: boolean;
  readonly recordings: number;
}

/** When its parts go, in milliseconds since 1970; what is kept, or is not there, does not. */
export interface Due {
  readonly recordings: number;
  readonly transcript: number;
  readonly logs: number;
  readonly record: number;
}

/** What a statement has to look up for rules, beside the columns of the conversations. */
export interface Lookups {
  /** The metadata of the rules that have some, as JSON. */
  readonly patterns: readonly string[];
  readonly campaignIds: readonly string[];
}

export function lookupsOf(rules: readonly RetentionRule[]): Lookups {
  return {
    patterns: rules.flatMap(({ match }) =>
      match.metadata ? [JSON.stringify(match.metadata)] : [],
    ),
    campaignIds: rules.flatMap(({ match }) => match.campaignIds ?? []),
  };
}

/** The first rule that matches. */
export function ruleOf(rules: readonly RetentionRule[], facts: Facts): RetentionRule | null {
  let pattern = -1;
  for (const rule of rules) {
    const { campaignIds, initiationTypes, endTypes, metadata } = rule.match;
    if (metadata) pattern += 1;
    const isMatch =
      (!campaignIds || (facts.campaignId !== null && campaignIds.includes(facts.campaignId))) &&
      (!initiationTypes || initiationTypes.includes(facts.initiationType)) &&
      (!endTypes || endTypes.includes(facts.endType)) &&
      (!metadata || facts.contains[pattern] === '1');
    if (isMatch) return rule;
  }
  return null;
}

/** When the parts of a conversation go that ended at an instant. */
export function dueOf(rule: RetentionRule | null, facts: Facts, endedAt: number): Due {
  const after = (days: number | null | undefined, isThere = true) =>
    days == null || !isThere ? Number.POSITIVE_INFINITY : endedAt + days * DAY;
  return {
    recordings: after(rule?.recordingDays, facts.recordings > 0),
    transcript: after(rule?.transcriptDays, facts.hasTranscript),
    logs: after(rule?.logDays, facts.hasLogs),
    record: after(rule?.recordDays),
  };
}

/** The first of them; null where all is kept. */
export function firstOf(due: Due): number | null {
  const first = Math.min(due.recordings, due.transcript, due.logs, due.record);
  return Number.isFinite(first) ? first : null;
}

/** How much goes; conversations, but for recordings. */
export interface Amounts {
  readonly recordings: number;
  readonly transcripts: number;
  readonly logs: number;
  /** With all that they have, which counts as well. */
  readonly records: number;
}

export const NOTHING: Amounts = { recordings: 0, transcripts: 0, logs: 0, records: 0 };

/** What goes of `n` conversations with `facts` (their recordings summed up) until an instant. */
export function amountsOf(due: Due, facts: Facts, until: number, n = 1): Amounts {
  const isGone = due.record <= until;
  return {
    recordings: isGone || due.recordings <= until ? facts.recordings : 0,
    transcripts: facts.hasTranscript && (isGone || due.transcript <= until) ? n : 0,
    logs: facts.hasLogs && (isGone || due.logs <= until) ? n : 0,
    records: isGone ? n : 0,
  };
}

export const isNothing = (amounts: Amounts) => Object.values(amounts).every((n) => n === 0);

const combine = (a: Amounts, b: Amounts, sign: 1 | -1): Amounts => ({
  recordings: a.recordings + sign * b.recordings,
  transcripts: a.transcripts + sign * b.transcripts,
  logs: a.logs + sign * b.logs,
  records: a.records + sign * b.records,
});
export const plus = (a: Amounts, b: Amounts) => combine(a, b, 1);
export const minus = (a: Amounts, b: Amounts) => combine(a, b, -1);
