import type { OutputOf } from '@colloquy/sdk';
import { outcomeText, typeText } from '../../conversations/facts.ts';
import { type ConversationsSearch, LISTS } from '../../conversations/search.ts';

export type Rule = OutputOf<'GetRetention'>['Rules'][number];

export const PART_LABELS = {
  RecordingDays: 'Recordings',
  TranscriptDays: 'Transcripts',
  LogDays: 'Logs',
  RecordDays: 'Whole conversations',
} as const;
export type DaysKey = keyof typeof PART_LABELS;
export const DAYS_KEYS = Object.keys(PART_LABELS) as DaysKey[];
const byPart = <T>(ofPart: (key: DaysKey) => T) =>
  Object.fromEntries(DAYS_KEYS.map((key) => [key, ofPart(key)])) as Record<DaysKey, T>;
const MAX_DAYS = 36_500;

export const TYPES = LISTS.type.names;
export const OUTCOMES = LISTS.outcome.names;

export interface Draft {
  readonly key: number;
  readonly name: string;
  readonly types: readonly string[];
  readonly outcomes: readonly string[];
  readonly campaigns: string;
  /** JSON; empty: any. */
  readonly metadata: string;
  /** Empty: kept forever. */
  readonly days: Readonly<Record<DaysKey, string>>;
}

let lastKey = 0;

export function toDraft(rule: Rule): Draft {
  const { CampaignIds, SessionInitiationTypes, SessionEndTypes, Metadata } = rule.Match;
  lastKey += 1;
  return {
    key: lastKey,
    name: rule.Name,
    types: SessionInitiationTypes ?? [],
    outcomes: SessionEndTypes ?? [],
    campaigns: CampaignIds?.join(', ') ?? '',
    metadata: Metadata === undefined ? '' : JSON.stringify(Metadata),
    days: byPart((key) => String(rule[key] ?? '')),
  };
}

export const KEEP_EVERYTHING = byPart(() => null);
export const newDraft = (): Draft => toDraft({ Name: '', Match: {}, ...KEEP_EVERYTHING });

type Flaws = Partial<Record<'name' | 'metadata' | DaysKey, string>>;

export function findFlaws(draft: Draft): Flaws {
  const flaws: Flaws = {};
  if (draft.name.trim() === '') flaws.name = 'Enter a name.';
  if (metadataOf(draft.metadata) === null) {
    flaws.metadata = 'Enter a JSON object, such as {"kind": "survey"}.';
  }
  for (const key of DAYS_KEYS) {
    const text = draft.days[key];
    if (text !== '' && !(/^\d{1,5}$/.test(text) && Number(text) <= MAX_DAYS)) {
      flaws[key] = 'Enter whole days, up to 36,500.';
    }
  }
  return flaws;
}

export const parseCampaignIds = (text: string): string[] => text.split(/[\s,;]+/).filter(Boolean);

export function toRule(draft: Draft): Rule {
  const campaigns = parseCampaignIds(draft.campaigns);
  const metadata = metadataOf(draft.metadata);
  const Match: Rule['Match'] = {
    ...(campaigns.length > 0 && { CampaignIds: campaigns }),
    ...(draft.types.length > 0 && {
      SessionInitiationTypes: TYPES.filter((name) => draft.types.includes(name)),
    }),
    ...(draft.outcomes.length > 0 && {
      SessionEndTypes: OUTCOMES.filter((name) => draft.outcomes.includes(name)),
    }),
    ...(metadata && { Metadata: metadata }),
  };
  const days = byPart((key) => (draft.days[key] === '' ? null : Number(draft.days[key])));
  return { Name: draft.name.trim(), Match, ...days };
}

function metadataOf(text: string): Record<string, unknown> | null | undefined {
  if (text.trim() === '') return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

const list = new Intl.ListFormat('en', { type: 'disjunction' });

export function describeMatch({ Match }: Rule): string {
  const { CampaignIds, SessionInitiationTypes, SessionEndTypes, Metadata } = Match;
  const parts = [
    SessionInitiationTypes?.length && list.format(SessionInitiationTypes.map(typeText)),
    SessionEndTypes?.length && `with outcome ${list.format(SessionEndTypes.map(outcomeText))}`,
    CampaignIds?.length && `of campaign ${list.format(CampaignIds)}`,
    Metadata && `with ${JSON.stringify(Metadata)} in the metadata`,
  ].filter(Boolean);
  return parts.length > 0 ? parts.join('; ') : 'Every conversation';
}

export function describeDays(rule: Rule): string {
  const parts = DAYS_KEYS.flatMap((key) => {
    const days = rule[key];
    if (days === null) return [];
    const time = days === 0 ? 'deleted immediately' : `for ${days} ${days === 1 ? 'day' : 'days'}`;
    return [`${PART_LABELS[key].toLowerCase()} ${time}`];
  });
  if (parts.length === 0) return 'Keeps everything.';
  const text = `${parts.join(', ')}.`;
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const DAY = 86_400_000;

/** null if the list cannot express the rule, or a rule above it may match some of them. */
export function toSearch(
  rules: readonly Rule[],
  index: number,
  key: DaysKey,
  now: number,
): ConversationsSearch | null {
  const rule = rules[index];
  const days = rule?.[key] ?? null;
  if (!rule || days === null) return null;
  const { CampaignIds, SessionInitiationTypes, SessionEndTypes, Metadata } = rule.Match;
  if (CampaignIds?.length || (Metadata && Object.keys(Metadata).length > 0)) return null;
  if (!rules.slice(0, index).every((above) => areApart(above, rule))) return null;
  return {
    status: 'Completed,Failed',
    type: SessionInitiationTypes?.join(',') || undefined,
    outcome: SessionEndTypes?.join(',') || undefined,
    to: new Date(now - days * DAY).toISOString(),
  };
}

const areApart = (one: Rule, other: Rule): boolean =>
  exclude(one.Match.SessionInitiationTypes, other.Match.SessionInitiationTypes) ||
  exclude(one.Match.SessionEndTypes, other.Match.SessionEndTypes);

const exclude = (one: readonly string[] = [], other: readonly string[] = []): boolean =>
  one.length > 0 && other.length > 0 && !one.some((name) => other.includes(name));
