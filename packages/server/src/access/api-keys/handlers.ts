import type { OutputOf } from '@colloquy/wire';
import type { Context } from '../../context.ts';
import { readAscending } from '../../kernel/page.ts';
import type { Authorizer } from '../authorization/authorizer.ts';
import type { Handlers } from '../authorization/call.ts';
import type { Permissions } from '../authorization/scope.ts';
import { apiKeyJson, instantOf } from '../from-wire.ts';
import { createApiKey, revokeApiKey } from './api-keys.ts';
import { type BusinessKey, listBusinessKeys } from './business-key-store.ts';
import { createBusinessKey, revokeBusinessKey } from './business-keys.ts';
import { listKeys } from './key-store.ts';

type KeyContext = Pick<Context, 'db' | 'clock' | 'secrets'>;

export function adminKeyHandlers(
  ctx: KeyContext,
  authorizer: Authorizer,
): Handlers<'CreateApiKey' | 'RevokeApiKey' | 'ListApiKeys'> {
  return {
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
    ListApiKeys: ({ query }) =>
      readAscending(ctx, 'ListApiKeys', query, {
        first: '',
        read: (after, limit) => listKeys(ctx.db, after, limit),
        keyOf: ({ apiKeyId }) => apiKeyId,
        toWire: apiKeyJson,
      }),
  };
}

export function businessKeyHandlers(
  ctx: KeyContext,
  authorizer: Authorizer,
): Handlers<'GetBusinessApiKeys' | 'CreateBusinessApiKey' | 'RevokeBusinessApiKey'> {
  return {
    GetBusinessApiKeys: ({ scope, query }) =>
      readAscending(ctx, `keys ${scope.businessId}`, query, {
        first: '',
        read: (after, limit) => listBusinessKeys(ctx.db, scope, after, limit),
        keyOf: ({ apiKeyId }) => apiKeyId,
        toWire: businessKeyJson,
      }),
    async CreateBusinessApiKey({ scope, body }) {
      const { apiKey, key } = await createBusinessKey(ctx, scope, {
        name: body.Name,
        userId: body.UserId ?? null,
        permissions: (body.Permissions ?? null) as Permissions,
        expiresAt: body.ExpiresAt == null ? null : instantOf('ExpiresAt', body.ExpiresAt),
      });
      return { status: 201, data: { ...businessKeyJson(apiKey), Key: key } };
    },
    async RevokeBusinessApiKey({ scope, params }) {
      const revoked = await revokeBusinessKey(authorizer, ctx, scope, params.apiKeyId);
      return { data: businessKeyJson(revoked) };
    },
  };
}

const businessKeyJson = (key: BusinessKey): OutputOf<'RevokeBusinessApiKey'> => ({
  ...apiKeyJson(key),
  UserName: key.userName,
});
