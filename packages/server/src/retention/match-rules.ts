import type { EndType, InitiationType } from '@colloquy/wire';
import type { RetentionRule } from '../access/businesses/retention-rules.ts';
import type { Parts } from '../conversations/erasure/purge.ts';

const DAY = 86_400_000;

export interface Facts {
  readonly initiationType: InitiationType;
  readonly endType: EndType;
  readonly campaignId: string | null;
  /** A character for each rule with metadata: 1 if the conversation's metadata contains it, else 0. */
  readonly contains: string;
  readonly hasTranscript: boolean;
  readonly hasLogs: boolean;
  readonly recordings: number;
}

/** When parts expire; Infinity for parts that are kept or absent. */
export type Due = Readonly<Record<keyof Parts, number>>;

export interface Lookups {
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

export function firstOf(due: Due): number | null {
  const first = Math.min(...Object.values(due));
  return Number.isFinite(first) ? first : null;
}

/** Numbers of conversations, except `recordings`. The parts of `records` count too. */
export type Amounts = Readonly<Record<'recordings' | 'transcripts' | 'logs' | 'records', number>>;

export const NOTHING: Amounts = { recordings: 0, transcripts: 0, logs: 0, records: 0 };

/** Of `n` conversations with `facts`, until an instant; `facts.recordings` is their sum. */
export function amountsOf(due: Due, facts: Facts, until: number, n = 1): Amounts {
  const isExpired = due.record <= until;
  return {
    recordings: isExpired || due.recordings <= until ? facts.recordings : 0,
    transcripts: facts.hasTranscript && (isExpired || due.transcript <= until) ? n : 0,
    logs: facts.hasLogs && (isExpired || due.logs <= until) ? n : 0,
    records: isExpired ? n : 0,
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
