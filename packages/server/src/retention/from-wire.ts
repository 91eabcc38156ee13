import { END_TYPE, type RetentionInput } from '@colloquy/wire';
import type { RetentionMatch, RetentionRule } from '../access/businesses/retention-rules.ts';
import { initiationTypesFromWire, namesFromWire } from '../conversations/from-wire.ts';

type RuleInput = RetentionInput['Rules'][number];

/** Normalises: equivalent rules become equal. */
export function rulesFromWire(rules: readonly RuleInput[]): RetentionRule[] {
  return rules.map((rule) => ({
    name: rule.Name,
    match: matchFromWire(rule.Match ?? {}),
    recordingDays: rule.RecordingDays ?? null,
    transcriptDays: rule.TranscriptDays ?? null,
    logDays: rule.LogDays ?? null,
    recordDays: rule.RecordDays ?? null,
  }));
}

/** An empty list matches all, like an absent one. */
function matchFromWire(match: NonNullable<RuleInput['Match']>): RetentionMatch {
  const campaignIds = match.CampaignIds?.length ? [...new Set(match.CampaignIds)].sort() : null;
  const initiationTypes = initiationTypesFromWire(match.SessionInitiationTypes);
  const endTypes = namesFromWire(END_TYPE, match.SessionEndTypes);
  const metadata = match.Metadata && Object.keys(match.Metadata).length > 0 ? match.Metadata : null;
  return {
    ...(campaignIds && { campaignIds }),
    ...(initiationTypes && { initiationTypes }),
    ...(endTypes && { endTypes }),
    ...(metadata && { metadata }),
  };
}
