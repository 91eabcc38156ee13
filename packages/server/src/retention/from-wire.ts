import {
  canonicalNames,
  END_TYPE,
  INITIATION_TYPE_FILTER,
  type NameSet,
  type RetentionInput,
} from '@colloquy/wire';
import type { RetentionMatch, RetentionRule } from '../access/businesses/retention-rules.ts';

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
  const initiationTypes = names(INITIATION_TYPE_FILTER, match.SessionInitiationTypes);
  const endTypes = names(END_TYPE, match.SessionEndTypes);
  const metadata = match.Metadata && Object.keys(match.Metadata).length > 0 ? match.Metadata : null;
  return {
    ...(campaignIds && { campaignIds }),
    ...(initiationTypes && { initiationTypes }),
    ...(endTypes && { endTypes }),
    ...(metadata && { metadata }),
  };
}

function names<Name extends string>(
  set: NameSet<Name>,
  given: readonly string[] | null | undefined,
): Name[] | null {
  if (!given?.length) return null;
  return [...new Set(given.flatMap((name) => canonicalNames(set, name)))].sort();
}
