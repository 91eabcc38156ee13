import type { EndType, InitiationType } from '@colloquy/wire';

export interface RetentionMatch {
  readonly campaignIds?: readonly string[];
  readonly initiationTypes?: readonly InitiationType[];
  readonly endTypes?: readonly EndType[];
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** Days after a conversation's `EndTime` until a part is purged; null keeps it. */
export interface RetentionRule {
  readonly name: string;
  readonly match: RetentionMatch;
  readonly recordingDays: number | null;
  readonly transcriptDays: number | null;
  readonly logDays: number | null;
  readonly recordDays: number | null;
}

/** The first matching rule applies. Conversations without a match are kept. */
export interface Retention {
  readonly rules: readonly RetentionRule[];
  /** Increases with each change of the rules. */
  readonly plan: number;
  readonly isPaused: boolean;
}

export type ShortRetention = Pick<RetentionRule, 'transcriptDays' | 'recordingDays'>;

export function rulesOf(short: ShortRetention): RetentionRule[] {
  const { transcriptDays, recordingDays } = short;
  if (transcriptDays === null && recordingDays === null) return [];
  return [{ name: 'Business', match: {}, ...short, logDays: null, recordDays: null }];
}

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
