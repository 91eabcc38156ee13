import { isSupportedCountry } from '@colloquy/phone-numbers';
import type { OutputOf } from '@colloquy/wire';
import type { Context } from '../../context.ts';
import { Fault } from '../../kernel/fault.ts';
import { formatInstant } from '../../kernel/instant.ts';
import { readAscending } from '../../kernel/page.ts';
import type { Authorizer } from '../authorization/authorizer.ts';
import type { Handlers } from '../authorization/call.ts';
import { permissionsByModule } from '../authorization/roles.ts';
import { isMasked, type Scope } from '../authorization/scope.ts';
import { zoneOf } from '../from-wire.ts';
import { listMyBusinesses, type MyBusiness } from '../members/member-store.ts';
import { type Business, getBusiness, listBusinesses } from '../store.ts';
import { changeBusiness, changeRedaction, createBusiness } from './businesses.ts';
import { quotasJson } from './quotas.ts';
import { findRedaction, type Redaction } from './redaction-store.ts';
import { shortOf } from './retention-rules.ts';

type BusinessContext = Pick<Context, 'db' | 'clock' | 'secrets'>;

export function adminBusinessHandlers(
  ctx: BusinessContext,
  authorizer: Authorizer,
): Handlers<'CreateBusiness' | 'UpdateBusiness' | 'ListBusinesses'> {
  return {
    async CreateBusiness({ scope, body }) {
      const business = await createBusiness(authorizer, ctx, scope, {
        businessId: body.BusinessId ?? null,
        name: body.Name,
        ownerUserId: body.OwnerUserId ?? null,
        timeZone: zoneOf(body.TimeZone),
      });
      return { status: 201, data: adminBusinessJson(business) };
    },
    async UpdateBusiness({ scope, params, body }) {
      const actor = { ...scope, businessId: params.businessId };
      const business = await changeBusiness(authorizer, ctx, actor, {
        name: body.Name ?? null,
        isDisabled: body.IsDisabled ?? null,
        isEditingEnabled: body.IsEditingEnabled ?? null,
        timeZone: zoneOf(body.TimeZone),
        retention: body.Retention && {
          transcriptDays: body.Retention.TranscriptDays,
          recordingDays: body.Retention.RecordingDays,
        },
        quotas: body.Quotas && {
          conversations: body.Quotas.ConversationsPerMonth,
          minutes: body.Quotas.MinutesPerMonth,
          bytes: body.Quotas.StoredBytes,
        },
      });
      return { data: adminBusinessJson(business) };
    },
    ListBusinesses: ({ query }) =>
      readAscending(ctx, 'ListBusinesses', query, {
        first: 0,
        read: (after, limit) => listBusinesses(ctx.db, after, limit),
        keyOf: ({ businessId }) => businessId,
        toWire: adminBusinessJson,
      }),
  };
}

export function businessHandlers(
  ctx: BusinessContext,
  authorizer: Authorizer,
): Handlers<'GetMyBusinesses' | 'GetBusiness' | 'PatchBusiness' | 'GetRedaction' | 'PutRedaction'> {
  const { db } = ctx;
  return {
    GetMyBusinesses({ scope, query }) {
      const search = query.Search ?? '';
      return readAscending(ctx, `my businesses ${scope.userId} ${search}`, query, {
        first: 0,
        read: (after, limit) => listMyBusinesses(db, scope, search, { after, limit }),
        keyOf: ({ businessId }) => businessId,
        toWire: myBusinessJson,
      });
    },
    async GetBusiness({ scope }) {
      const business = await getBusiness(db, scope.businessId);
      if (!business) throw new Fault('NOT_FOUND', `There is no business ${scope.businessId}.`);
      return { data: businessJson(scope, business) };
    },
    async PatchBusiness({ scope, body }) {
      const business = await changeBusiness(authorizer, ctx, scope, {
        name: body.Name ?? null,
        timeZone: zoneOf(body.TimeZone),
      });
      return { data: businessJson(scope, business) };
    },
    async GetRedaction({ scope }) {
      return { data: redactionJson(await findRedaction(db, scope)) };
    },
    async PutRedaction({ scope, body }) {
      const country = body.DefaultCountry ?? null;
      if (country !== null && !isSupportedCountry(country)) {
        throw new Fault(
          'INVALID_REQUEST',
          `DefaultCountry must be an ISO 3166 country code, not ${country}.`,
        );
      }
      const redaction = { categories: [...new Set(body.Categories)], country };
      await changeRedaction(authorizer, ctx, scope, redaction);
      return { data: redactionJson(redaction) };
    },
  };
}

type RedactionJson = OutputOf<'GetRedaction'>;
const redactionJson = ({ categories, country }: Redaction): RedactionJson => ({
  Categories: [...categories] as RedactionJson['Categories'],
  DefaultCountry: country,
});

function adminBusinessJson(business: Business): OutputOf<'CreateBusiness'> {
  const short = shortOf(business.retention.rules);
  return {
    BusinessId: business.businessId,
    Name: business.name,
    OwnerUserId: business.ownerUserId,
    IsDisabled: business.isDisabled,
    IsEditingEnabled: business.isEditingEnabled,
    Retention: short && {
      TranscriptDays: short.transcriptDays,
      RecordingDays: short.recordingDays,
    },
    TimeZone: business.timeZone,
    Quotas: quotasJson(business.quotas),
    CreatedAt: formatInstant(business.createdAt),
  };
}

const myBusinessJson = (business: MyBusiness): OutputOf<'GetMyBusinesses'>['Items'][number] => ({
  BusinessId: business.businessId,
  Name: business.name,
  TimeZone: business.timeZone,
  Role: business.role,
  IsDisabled: business.isDisabled,
  IsEditingEnabled: business.isEditingEnabled,
});

type BusinessJson = OutputOf<'GetBusiness'>;
const businessJson = (scope: Scope, business: Business): BusinessJson => ({
  BusinessId: business.businessId,
  Name: business.name,
  TimeZone: business.timeZone,
  Role: scope.role,
  Permissions: permissionsByModule(scope.permissions) as BusinessJson['Permissions'],
  IsMasked: isMasked(scope),
  IsEditingEnabled: business.isEditingEnabled,
  CreatedAt: formatInstant(business.createdAt),
  OwnerUserId: business.ownerUserId,
});
