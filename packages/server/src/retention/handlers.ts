import type { InputOf, OutputOf } from '@colloquy/wire';
import { audit } from '../access/audit/pending-store.ts';
import type { Handlers } from '../access/authorization/call.ts';
import type { Scope } from '../access/authorization/scope.ts';
import type { Retention, RetentionRule } from '../access/businesses/retention-rules.ts';
import { findRetention, setRetention } from '../access/businesses/retention-store.ts';
import type { Context } from '../context.ts';
import { filterFromWire } from '../conversations/from-wire.ts';
import { maskingOf, refuseGuess } from '../conversations/masking/masked.ts';
import { findHold, type Hold, listHolds } from '../holds/store.ts';
import { Fault } from '../kernel/fault.ts';
import { formatInstant } from '../kernel/instant.ts';
import { readAscending } from '../kernel/page.ts';
import { maskJson } from '../redaction/mask.ts';
import { mentionsToWire } from './erasure/erase-mentions.ts';
import { countsToWire, type Erasure, listErasures } from './erasure/erasure-store.ts';
import { type ErasureRequest, getErasure, personOf, requestErasure } from './erasure/erasures.ts';
import { getPreview, requestPreview } from './erasure/preview-erasure.ts';
import { rulesFromWire } from './from-wire.ts';
import { createHold, endHold, requireHold } from './hold.ts';
import type { Amounts } from './match-rules.ts';
import { previewRetention } from './preview.ts';
import { purgeExpired, type RetentionContext } from './purge-expired.ts';
import { addJobOf, PURGE } from './store.ts';

const RUN_SECONDS = 10;

type HandlerContext = Context & RetentionContext;

export const retentionHandlers = (ctx: HandlerContext) => ({
  ...ruleHandlers(ctx),
  ...holdHandlers(ctx),
  ...erasureHandlers(ctx),
});

type Rules = readonly RetentionRule[];

/** PERMISSION_DENIED if a rule matches metadata that is masked for the reader. */
function refuseMaskedRules({ secrets }: HandlerContext, scope: Scope, rules: Rules): void {
  const masking = maskingOf(secrets, scope);
  if (!masking) return;
  const text = JSON.stringify(rules.map(({ match }) => match.metadata ?? null));
  const masked = JSON.stringify(maskJson(JSON.parse(text), masking));
  if (text !== masked) refuseGuess(masking, 'Metadata that a rule matches');
}

type RuleNames = 'GetRetention' | 'PutRetention' | 'PreviewRetention' | 'RunRetention';

function ruleHandlers(ctx: HandlerContext): Handlers<RuleNames> {
  return {
    async GetRetention({ scope }) {
      return { data: retentionToWire(await findRetention(ctx.db, scope)) };
    },
    async PutRetention({ scope, body }) {
      const rules = rulesFromWire(body.Rules);
      refuseMaskedRules(ctx, scope, rules);
      // A masked reader would write back rules without their masked values.
      refuseMaskedRules(ctx, scope, (await findRetention(ctx.db, scope))?.rules ?? []);
      const retention = await ctx.db.transaction(async (tx) => {
        const after = await setRetention(tx, scope, rules, body.IsPaused ?? null);
        if (after?.isChanged) {
          const details = { Rules: rules.length, IsPaused: after.isPaused };
          const subject = { kind: 'Business', id: String(scope.businessId), details } as const;
          const event = { action: 'RetentionChanged', ...subject } as const;
          await audit(tx, ctx, { ...scope, now: ctx.clock.now() }, event);
        }
        return after;
      });
      return { data: retentionToWire(retention) };
    },
    async PreviewRetention({ scope, body }) {
      const rules = rulesFromWire(body.Rules);
      refuseMaskedRules(ctx, scope, rules);
      const { now, next30Days, held } = await previewRetention(ctx, scope, rules);
      return {
        data: { Now: amountsToWire(now), Next30Days: amountsToWire(next30Days), Held: held },
      };
    },
    async RunRetention({ scope, body }) {
      if ((await findRetention(ctx.db, scope))?.isPaused) {
        throw new Fault('CONFLICT', 'Retention is paused; set IsPaused to false first.');
      }
      const milliseconds = (body.MaxSeconds ?? RUN_SECONDS) * 1000;
      const { purged, isComplete } = await purgeExpired(ctx, scope, milliseconds);
      if (!isComplete) await addJobOf(ctx.db, scope, PURGE);
      return { data: { Purged: amountsToWire(purged), IsComplete: isComplete } };
    },
  };
}

type HoldNames = 'CreateHold' | 'GetHolds' | 'GetHold' | 'LiftHold';

function holdHandlers(ctx: HandlerContext): Handlers<HoldNames> {
  return {
    async CreateHold({ scope, body }) {
      const { id, held } = await createHold(ctx, scope, {
        name: body.Name,
        reason: body.Reason,
        sessionIds: body.SessionIds ?? null,
        filter: body.Filter == null ? null : filterFromWire(body.Filter),
      });
      return { status: 201, data: { HoldId: id, Held: held } };
    },
    async GetHolds({ scope, query }) {
      return readAscending(ctx, `holds ${scope.businessId}`, query, {
        first: '',
        read: (after, limit) => listHolds(ctx.db, scope, after, limit),
        keyOf: ({ id }) => id,
        toWire: holdToWire,
      });
    },
    async GetHold({ scope, params }) {
      return { data: holdToWire(requireHold(await findHold(ctx.db, scope, params.holdId))) };
    },
    async LiftHold({ scope, params }) {
      return { data: holdToWire(await endHold(ctx, scope, params.holdId)) };
    },
  };
}

type ErasureNames =
  | 'CreateErasure'
  | 'PreviewErasure'
  | 'GetErasurePreview'
  | 'GetErasures'
  | 'GetErasure';

function erasureHandlers(ctx: HandlerContext): Handlers<ErasureNames> {
  return {
    async CreateErasure({ scope, body }) {
      refuseGuess(maskingOf(ctx.secrets, scope), 'The number or id of a person');
      const id = await requestErasure(ctx, scope, erasureFromWire(body));
      return { status: 201, data: { ErasureId: id, Status: 'Running' } };
    },
    async PreviewErasure({ scope, body }) {
      refuseGuess(maskingOf(ctx.secrets, scope), 'The number or id of a person');
      const person = personOf(erasureFromWire(body));
      return { status: 201, data: { PreviewId: await requestPreview(ctx, scope, person) } };
    },
    async GetErasurePreview({ scope, params }) {
      refuseGuess(maskingOf(ctx.secrets, scope), 'The number or id of a person');
      const preview = await getPreview(ctx, scope, params.previewId);
      const { counts, done, total, mentions } = preview;
      const isCompleted = preview.completedAt !== null;
      return {
        data: {
          Status: isCompleted ? 'Completed' : 'Running',
          Progress: isCompleted ? 1 : Math.min(1, done / Math.max(1, total)),
          Counts: countsToWire(counts ?? { conversations: 0, recordings: 0, calls: 0 }),
          Mentions: mentions.map(({ id, places }) => ({ SessionId: id, In: [...places] })),
        },
      };
    },
    async GetErasures({ scope, query }) {
      return readAscending(ctx, `erasures ${scope.businessId}`, query, {
        first: '',
        read: (after, limit) => listErasures(ctx.db, scope, after, limit),
        keyOf: ({ id }) => id,
        toWire: erasureToWire,
      });
    },
    async GetErasure({ scope, params }) {
      return { data: erasureToWire(await getErasure(ctx, scope, params.erasureId)) };
    },
  };
}

function retentionToWire(retention: Retention | undefined): OutputOf<'GetRetention'> {
  const rules = (retention?.rules ?? []).map(({ name, match, ...days }) => ({
    Name: name,
    Match: {
      ...(match.campaignIds && { CampaignIds: [...match.campaignIds] }),
      ...(match.initiationTypes && { SessionInitiationTypes: [...match.initiationTypes] }),
      ...(match.endTypes && { SessionEndTypes: [...match.endTypes] }),
      ...(match.metadata && { Metadata: match.metadata }),
    },
    RecordingDays: days.recordingDays,
    TranscriptDays: days.transcriptDays,
    LogDays: days.logDays,
    RecordDays: days.recordDays,
  }));
  return { Rules: rules, IsPaused: retention?.isPaused ?? false };
}

const amountsToWire = ({ recordings, transcripts, logs, records }: Amounts) => ({
  Recordings: recordings,
  Transcripts: transcripts,
  Logs: logs,
  Records: records,
});

const instantOrNull = (instant: number | null) =>
  instant === null ? null : formatInstant(instant);

const erasureFromWire = (body: Omit<InputOf<'CreateErasure'>, 'businessId'>): ErasureRequest => ({
  phoneNumber: body.PhoneNumber ?? null,
  clientId: body.ClientId ?? null,
  mode: body.Mode,
  reason: body.Reason,
  includesMentions: body.IncludeMentions ?? false,
});

function erasureToWire(erasure: Erasure): OutputOf<'GetErasure'> {
  return {
    ErasureId: erasure.id,
    Status: erasure.status,
    Mode: erasure.mode,
    Reason: erasure.reason,
    RequestedAt: formatInstant(erasure.requestedAt),
    RequestedBy: erasure.requestedBy,
    CompletedAt: instantOrNull(erasure.completedAt),
    Counts: countsToWire(erasure.counts),
    Mentions: erasure.includesMentions ? mentionsToWire(erasure.mentions) : null,
    Holds: erasure.holds.map(({ id, name }) => ({ HoldId: id, Name: name })),
    Certificate: erasure.certificate,
  };
}

function holdToWire(hold: Hold): OutputOf<'GetHold'> {
  const { filter, named } = hold;
  const isNamed = filter === null && hold.liftedAt === null;
  return {
    HoldId: hold.id,
    Name: hold.name,
    Reason: hold.reason,
    Filter: filter && {
      ...(filter.from !== undefined && { StartStartedDate: formatInstant(filter.from) }),
      ...(filter.to !== undefined && { EndStartedDate: formatInstant(filter.to) }),
      ...(filter.statuses && { SessionStates: [...filter.statuses] }),
      ...(filter.initiationTypes && { SessionInitiationTypes: [...filter.initiationTypes] }),
      ...(filter.endTypes && { SessionEndTypes: [...filter.endTypes] }),
    },
    Named: isNamed ? { Count: named.count, SessionIds: [...named.ids] } : null,
    CreatedAt: formatInstant(hold.createdAt),
    CreatedBy: hold.createdBy,
    LiftedAt: instantOrNull(hold.liftedAt),
    LiftedBy: hold.liftedBy,
  };
}
