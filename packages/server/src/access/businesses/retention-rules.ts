import type { EndType, InitiationType } from '@colloquy/wire';

/** Which conversations a rule is for; a key that is absent matches all. */
export interface RetentionMatch {
  readonly campaignIds?: readonly string[];
  readonly initiationTypes?: readonly InitiationType[];
  readonly endTypes?: readonly EndType[];
  /** What the metadata must contain. */
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** Days since a conversation's `EndTime` after which a part of it goes; null: it is kept. */
export interface RetentionRule {
  readonly name: string;
  readonly match: RetentionMatch;
  readonly recordingDays: number | null;
  readonly transcriptDays: number | null;
  readonly logDays: number | null;
  /** All of it. */
  readonly recordDays: number | null;
}

/** The first rule that matches counts; what none matches is kept. */
export interface Retention {
  readonly rules: readonly RetentionRule[];
  /** Counts the changes of the rules. */
  readonly plan: number;
  readonly isPaused: boolean;
}

/** The short form: one rule for all, of transcripts and recordings. */
export interface ShortRetention {
  readonly transcriptDays: number | null;
  readonly recordingDays: number | null;
}

export function rulesOf(short: ShortRetention): RetentionRule[] {
  const { transcriptDays, recordingDays } = short;
  if (transcriptDays === null && recordingDays === null) return [];
  return [{ name: 'Business', match: {}, ...short, logDays: null, recordDays: null }];
}

/** null where the rules say more than the short form can. */
export function shortOf(rules: readonly RetentionRule[]): ShortRetention | null {
  const [rule, ...others] = rules;
  if (!rule) return { transcriptDays: null, recordingDays: null };
  const isShort =
    others.length === 0 &&
    Object.keys(rule.match).length === 0 &&
    rule.logDays === null &&
    rule.recordDays === null;
  return isShort
    ? { transcriptDays: rule.transcriptDays, recordingDays: rule.recordingDays }
    : null;
}
