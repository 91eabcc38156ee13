import type { OutputOf } from '@colloquy/wire';
import type { Context } from '../../context.ts';
import { readAscending } from '../../kernel/page.ts';
import type { Authorizer } from '../authorization/authorizer.ts';
import type { Call, Handlers } from '../authorization/call.ts';
import type { Permissions } from '../authorization/scope.ts';
import { apiKeyJson, instantOf } from '../from-wire.ts';
import { createApiKey, revokeApiKey } from './api-keys.ts';
import { createBusinessKey, revokeBusinessKey } from './business-keys.ts';
import { type BusinessKey, listBusinessKeys, listKeys } from './key-store.ts';

export function keyHandlers(
  ctx: Pick<Context, 'db' | 'clock' | 'secrets'>,
  authorizer: Authorizer,
): Handlers<
  | 'CreateApiKey'
  | 'RevokeApiKey'
  | 'ListApiKeys'
  | 'GetBusinessApiKeys'
  | 'CreateBusinessApiKey'
  | 'RevokeBusinessApiKey'
> {
  return {
    async CreateApiKey({ scope, body }) {
      const { UserId: userId, BusinessIds: businessIds = null } = body;
      const input = { ...limitedKeyOf(body), userId, businessIds };
      const { apiKey, key } = await createApiKey(ctx, scope, input);
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
    GetBusinessApiKeys: ({ scope, query }) =>
      readAscending(ctx, `keys ${scope.businessId}`, query, {
        first: '',
        read: (after, limit) => listBusinessKeys(ctx.db, scope, after, limit),
        keyOf: ({ apiKeyId }) => apiKeyId,
        toWire: businessKeyJson,
      }),
    async CreateBusinessApiKey({ scope, body }) {
      const input = { ...limitedKeyOf(body), userId: body.UserId ?? null };
      const { apiKey, key } = await createBusinessKey(ctx, scope, input);
      return { status: 201, data: { ...businessKeyJson(apiKey), Key: key } };
    },
    async RevokeBusinessApiKey({ scope, params }) {
      const revoked = await revokeBusinessKey(authorizer, ctx, scope, params.apiKeyId);
      return { data: businessKeyJson(revoked) };
    },
  };
}

type LimitedKey = Pick<Call<'CreateBusinessApiKey'>['body'], 'Name' | 'Permissions' | 'ExpiresAt'>;
const limitedKeyOf = ({ Name: name, Permissions, ExpiresAt }: LimitedKey) => ({
  name,
  permissions: (Permissions ?? null) as Permissions,
  expiresAt: ExpiresAt == null ? null : instantOf('ExpiresAt', ExpiresAt),
});

const businessKeyJson = (key: BusinessKey): OutputOf<'RevokeBusinessApiKey'> => ({
  ...apiKeyJson(key),
  UserName: key.userName,
});
