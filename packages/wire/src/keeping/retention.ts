import Type, { type Static } from 'typebox';
import { CHANGES, op, READS } from '../op.ts';
import { businessParams } from '../parameters.ts';
import { mayChangeSettings, maySeeSettings } from '../permissions.ts';
import {
  about,
  Id,
  Metadata,
  maybe,
  Name,
  nullable,
  optional,
  ShownId,
  ShownJson,
  ShownText,
  strict,
} from '../types.ts';
import { END_TYPE, given, INITIATION_TYPE, INITIATION_TYPE_FILTER, taken } from '../value-sets.ts';

export const MAX_RETENTION_RULES = 50;

const Days = Type.Integer({ minimum: 0, maximum: 36_500 });
const keptFor = (part: string) => `Days that ${part} kept after \`EndTime\`; null: forever`;
const TEXTS = {
  recording: keptFor('the recordings are'),
  transcript: keptFor('the transcript is'),
  log: keptFor('the logs are'),
  record: keptFor('the whole conversation is'),
  campaigns: 'Conversations of calls of these campaigns',
  initiation: 'Conversations with one of these initiation types',
  end: 'Conversations with one of these end types',
  metadata: 'Conversations whose metadata contains this object',
  match: 'Which conversations the rule applies to; all if it is empty',
  paused: 'True if nothing is deleted for the time being',
} as const;

const RuleInput = strict({
  Name: about(Name, 'A name for the rule'),
  Match: maybe(
    strict({
      CampaignIds: maybe(Type.Array(Id, { maxItems: 100 }), TEXTS.campaigns),
      SessionInitiationTypes: maybe(
        Type.Array(taken(INITIATION_TYPE_FILTER), { maxItems: 100 }),
        TEXTS.initiation,
      ),
      SessionEndTypes: maybe(Type.Array(taken(END_TYPE), { maxItems: 100 }), TEXTS.end),
      Metadata: maybe(Metadata, TEXTS.metadata),
    }),
    TEXTS.match,
  ),
  RecordingDays: maybe(Days, TEXTS.recording),
  TranscriptDays: maybe(Days, TEXTS.transcript),
  LogDays: maybe(Days, TEXTS.log),
  RecordDays: maybe(Days, TEXTS.record),
});
export const Rule = Type.Object(
  {
    Name: about(ShownText, 'The name of the rule'),
    Match: Type.Object(
      {
        CampaignIds: optional(Type.Array(ShownId), TEXTS.campaigns),
        SessionInitiationTypes: optional(Type.Array(given(INITIATION_TYPE)), TEXTS.initiation),
        SessionEndTypes: optional(Type.Array(given(END_TYPE)), TEXTS.end),
        Metadata: optional(ShownJson, TEXTS.metadata),
      },
      { description: TEXTS.match },
    ),
    RecordingDays: nullable(Days, TEXTS.recording),
    TranscriptDays: nullable(Days, TEXTS.transcript),
    LogDays: nullable(Days, TEXTS.log),
    RecordDays: nullable(Days, TEXTS.record),
  },
  { title: 'RetentionRule', description: 'How long some conversations are kept' },
);
export const Retention = Type.Object(
  {
    Rules: Type.Array(Rule, { description: 'The rules; the first one that matches applies' }),
    IsPaused: Type.Boolean({ description: TEXTS.paused }),
  },
  { title: 'Retention', description: 'How long the conversations of a business are kept' },
);
const RetentionInput = strict({
  Rules: Type.Array(RuleInput, {
    maxItems: MAX_RETENTION_RULES,
    description: 'The rules; the first one that matches applies',
  }),
  IsPaused: maybe(Type.Boolean(), `${TEXTS.paused}; unchanged by default`),
});
export type RetentionInput = Static<typeof RetentionInput>;

const Counts = Type.Object({
  Recordings: Type.Integer({ description: 'The number of recordings' }),
  Transcripts: Type.Integer({ description: 'The number of transcripts' }),
  Logs: Type.Integer({ description: 'The number of conversations whose logs are deleted' }),
  Records: Type.Integer({ description: 'The number of conversations that are deleted entirely' }),
});

const EXAMPLE_RULES = {
  Rules: [
    {
      Name: 'Surveys',
      Match: { CampaignIds: ['survey-2026'], Metadata: { consent: 'no' } },
      RecordingDays: 0,
      TranscriptDays: 30,
      LogDays: 30,
      RecordDays: 365,
    },
    {
      Name: 'All others',
      Match: {},
      RecordingDays: 90,
      TranscriptDays: 365,
      LogDays: 30,
      RecordDays: null,
    },
  ],
};
const EXAMPLE_RETENTION = { ...EXAMPLE_RULES, IsPaused: false };
const NOTHING = { Recordings: 0, Transcripts: 0, Logs: 0, Records: 0 };

const retention = { tag: 'Keeping', params: businessParams } as const;

export const getRetention = op({
  ...retention,
  ...READS,
  name: 'GetRetention',
  method: 'GET',
  path: '/business/{businessId}/retention',
  title: 'Get the retention rules',
  summary: 'Get how long conversations are kept',
  description: 'Without a rule, everything is kept forever.',
  permission: maySeeSettings,
  output: Retention,
  examples: { output: EXAMPLE_RETENTION },
});

export const putRetention = op({
  ...retention,
  ...CHANGES,
  name: 'PutRetention',
  method: 'PUT',
  path: '/business/{businessId}/retention',
  title: 'Set the retention rules',
  summary: 'Set how long conversations are kept',
  description:
    'The first rule that matches a conversation applies; a conversation that no rule matches is kept forever. Days count from the `EndTime` of a conversation once it is sealed. Data whose period has ended is deleted within minutes and cannot be recovered, so use `PreviewRetention` first.',
  permission: mayChangeSettings,
  body: RetentionInput,
  output: Retention,
  examples: { body: EXAMPLE_RULES, output: EXAMPLE_RETENTION },
});

export const previewRetention = op({
  ...retention,
  ...READS,
  name: 'PreviewRetention',
  method: 'POST',
  path: '/business/{businessId}/retention/preview',
  title: 'Preview retention rules',
  summary: 'Count what retention rules would delete',
  description:
    'Changes nothing. `Now` is what the rules would delete immediately, `Next30Days` what they would delete after that. A conversation that would be deleted entirely also counts with its recordings, transcript and logs.',
  permission: maySeeSettings,
  body: RetentionInput,
  output: Type.Object({
    Now: about(Counts, 'What the rules would delete immediately'),
    Next30Days: about(Counts, 'What the rules would delete in the following 30 days'),
    Held: Type.Integer({
      description:
        'The number of conversations that would lose data now but are under legal hold; `Now` does not include them',
    }),
  }),
  examples: {
    body: EXAMPLE_RULES,
    output: {
      Now: { Recordings: 1204, Transcripts: 377, Logs: 377, Records: 12 },
      Next30Days: { ...NOTHING, Recordings: 310, Transcripts: 96 },
      Held: 3,
    },
  },
});

export const runRetention = op({
  ...retention,
  ...CHANGES,
  name: 'RunRetention',
  method: 'POST',
  path: '/business/{businessId}/retention/run',
  title: 'Run the retention rules',
  summary: 'Delete data whose retention period has ended',
  description:
    'The server does this every minute anyway. The request works for up to `MaxSeconds`. If `IsComplete` is false, the next run continues with the rest.',
  permission: mayChangeSettings,
  body: strict({
    MaxSeconds: maybe(
      Type.Integer({ minimum: 1, maximum: 60, default: 10 }),
      'The maximum duration of the run, in seconds',
    ),
  }),
  bodyOptional: true,
  output: Type.Object({
    Purged: about(Counts, 'What was deleted'),
    IsComplete: Type.Boolean({ description: 'True if nothing is left to delete' }),
  }),
  errors: ['CONFLICT'],
  examples: { body: {}, output: { Purged: { ...NOTHING, Recordings: 2 }, IsComplete: true } },
});
