import { isSupportedCountry } from '@colloquy/phone-numbers';
import type { InputOf, OutputOf } from '@colloquy/wire';
import type { Context } from '../context.ts';
import { Fault } from '../kernel/fault.ts';
import { formatInstant } from '../kernel/instant.ts';
import { type AscendingList, readAscending } from '../kernel/page.ts';
import { createApiKey, revokeApiKey } from './api-keys/api-keys.ts';
import { listKeys } from './api-keys/key-store.ts';
import { audit } from './audit/pending-store.ts';
import type { Authorizer } from './authorization/authorizer.ts';
import type { Handlers } from './authorization/call.ts';
import type { Permissions } from './authorization/scope.ts';
import { changeBusiness, createBusiness } from './businesses/businesses.ts';
import { findRedaction, type Redaction, setRedaction } from './businesses/redaction-store.ts';
import { shortOf } from './businesses/retention-rules.ts';
import { apiKeyJson, instantOf, zoneOf } from './from-wire.ts';
import { type Business, listBusinesses, listUsers, type User } from './store.ts';
import { changeUser, createUser } from './users/users.ts';

type AccessOps =
  | 'CreateUser'
  | 'UpdateUser'
  | 'ListUsers'
  | 'CreateBusiness'
  | 'UpdateBusiness'
  | 'ListBusinesses'
  | 'CreateApiKey'
  | 'RevokeApiKey'
  | 'ListApiKeys'
  | 'GetRedaction'
  | 'PutRedaction';

type UserJson = OutputOf<'CreateUser'>;
type BusinessJson = OutputOf<'CreateBusiness'>;

export function accessHandlers(
  ctx: Pick<Context, 'db' | 'clock' | 'secrets'>,
  authorizer: Authorizer,
): Handlers<AccessOps> {
  const page = <Row, Key, Item>(
    op: 'ListUsers' | 'ListBusinesses' | 'ListApiKeys',
    query: InputOf<typeof op>,
    list: AscendingList<Row, Key, Item>,
  ) => readAscending(ctx, op, query, list);

  return {
    async CreateUser({ body }) {
      const { Email: email, Name: name } = body;
      const user = await createUser(ctx, { email, name, isAdmin: body.IsAdmin ?? false });
      return { status: 201, data: userJson(user) };
    },
    async UpdateUser({ params, body }) {
      const user = await changeUser(authorizer, params.userId, {
        name: body.Name ?? null,
        isDisabled: body.IsDisabled ?? null,
        isAdmin: body.IsAdmin ?? null,
      });
      return { data: userJson(user) };
    },
    ListUsers: ({ query }) =>
      page('ListUsers', query, {
        first: '',
        read: (after, limit) => listUsers(ctx.db, after, limit),
        keyOf: ({ userId }) => userId,
        toWire: userJson,
      }),

    async CreateBusiness({ scope, body }) {
      const business = await createBusiness(authorizer, ctx, scope, {
        businessId: body.BusinessId ?? null,
        name: body.Name,
        ownerUserId: body.OwnerUserId ?? null,
        timeZone: zoneOf(body.TimeZone),
      });
      return { status: 201, data: businessJson(business) };
    },
    async UpdateBusiness({ scope, params, body }) {
      const business = await changeBusiness(authorizer, ctx, scope, params.businessId, {
        name: body.Name ?? null,
        isDisabled: body.IsDisabled ?? null,
        isEditingEnabled: body.IsEditingEnabled ?? null,
        timeZone: zoneOf(body.TimeZone),
        retention: body.Retention
          ? {
              transcriptDays: body.Retention.TranscriptDays,
              recordingDays: body.Retention.RecordingDays,
            }
          : null,
      });
      return { data: businessJson(business) };
    },
    ListBusinesses: ({ query }) =>
      page('ListBusinesses', query, {
        first: 0,
        read: (after, limit) => listBusinesses(ctx.db, after, limit),
        keyOf: ({ businessId }) => businessId,
        toWire: businessJson,
      }),

    async CreateApiKey({ scope, body }) {
      const { apiKey, key } = await createApiKey(ctx, scope, {
        userId: body.UserId,
        name: body.Name,
        businessIds: body.BusinessIds ?? null,
        permissions: (body.Permissions ?? null) as Permissions,
        expiresAt: body.ExpiresAt == null ? null : instantOf('ExpiresAt', body.ExpiresAt),
      });
      return { status: 201, data: { ...apiKeyJson(apiKey), Key: key } };
    },
    async RevokeApiKey({ scope, params }) {
      const apiKey = await revokeApiKey(authorizer, ctx, scope, params.apiKeyId);
      return { data: apiKeyJson(apiKey) };
    },
    async GetRedaction({ scope }) {
      return { data: redactionJson(await findRedaction(ctx.db, scope)) };
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
      await authorizer.change(async (tx) => {
        if (JSON.stringify(await findRedaction(tx, scope)) === JSON.stringify(redaction)) return;
        await setRedaction(tx, scope, redaction);
        const subject = { kind: 'Business', id: String(scope.businessId) } as const;
        const details = {
          Categories: redaction.categories,
          ...(country !== null && { DefaultCountry: country }),
        };
        await audit(tx, ctx, scope, ctx.clock.now(), {
          action: 'RedactionChanged',
          ...subject,
          details,
        });
      });
      return { data: redactionJson(redaction) };
    },

    ListApiKeys: ({ query }) =>
      page('ListApiKeys', query, {
        first: '',
        read: (after, limit) => listKeys(ctx.db, after, limit),
        keyOf: ({ apiKeyId }) => apiKeyId,
        toWire: apiKeyJson,
      }),
  };
}

type RedactionJson = OutputOf<'GetRedaction'>;

const redactionJson = ({ categories, country }: Redaction): RedactionJson => ({
  Categories: [...categories] as RedactionJson['Categories'],
  DefaultCountry: country,
});

function userJson(user: User): UserJson {
  return {
    UserId: user.userId,
    Email: user.email,
    Name: user.name,
    IsAdmin: user.isAdmin,
    IsDisabled: user.isDisabled,
    CreatedAt: formatInstant(user.createdAt),
  };
}

function businessJson(business: Business): BusinessJson {
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
    CreatedAt: formatInstant(business.createdAt),
  };
}
