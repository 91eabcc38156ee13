import Type, { type TOptional } from 'typebox';
import { MEMBER_ROLES, MODULES, PERMISSION_TYPES } from '../permissions.ts';
import { about, BusinessId, nullable, optional, strict, Timestamp } from '../types.ts';

export const UserId = Type.String({ maxLength: 128 });
export const Email = Type.String({
  pattern: '^[^\\s@]+@[^\\s@]+$',
  minLength: 3,
  maxLength: 254,
  'x-expected': 'an e-mail address, such as `ada@example.com`',
});
export const Days = Type.Integer({ minimum: 0, maximum: 36_500 });
const PermissionTypes = Type.Array(Type.Enum([...PERMISSION_TYPES]), { maxItems: 100 });
export const PermissionMap = strict(
  Object.fromEntries(
    MODULES.map((module) => [
      module,
      optional(PermissionTypes, `The types of permission for \`${module}\``),
    ]),
  ) as Record<(typeof MODULES)[number], TOptional<typeof PermissionTypes>>,
  {
    title: 'Permissions',
    description: 'Types of permission by module; no permission for a module that is left out',
  },
);
export const MemberRole = Type.Enum([...MEMBER_ROLES], {
  title: 'MemberRole',
  description:
    '`Viewer` reads conversations; `Agent` also writes them and makes calls; `Admin` does everything except `People` and erasures of persons; `Owner` does everything',
});

export const User = Type.Object(
  {
    UserId: about(UserId, 'The id of the user'),
    Email: Type.String({ description: 'The e-mail address' }),
    Name: Type.String({ description: 'The display name' }),
    IsAdmin: Type.Boolean({ description: 'True if the user is an admin of the server' }),
    IsDisabled: Type.Boolean({
      description: 'True if every request of the user is `USER_DISABLED`',
    }),
    CreatedAt: about(Timestamp, 'When the user was created'),
  },
  { title: 'User', description: 'A user of the server' },
);
export const businessKeys = {
  BusinessId: about(BusinessId, 'The id of the business'),
  Name: Type.String({ description: 'The display name' }),
};
const quota = (description: string) =>
  nullable(
    Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
    `${description}; null: no limit`,
  );
export const quotaKeys = {
  ConversationsPerMonth: quota('Conversations that may begin in a month (UTC)'),
  MinutesPerMonth: quota('Minutes that the conversations of a month (UTC) may take'),
  StoredBytes: quota('Bytes of transcripts and recordings that may be stored'),
};
export const Quotas = Type.Object(quotaKeys);

export const Business = Type.Object(
  {
    ...businessKeys,
    OwnerUserId: nullable(
      UserId,
      'The owner, who may use the business without being a member; null if it has none',
    ),
    IsDisabled: Type.Boolean({
      description: 'True if every request for the business is `BUSINESS_DISABLED`',
    }),
    IsEditingEnabled: Type.Boolean({
      description: 'False if every request for the business is `BUSINESS_EDITING_DISABLED`',
    }),
    Retention: nullable(
      Type.Object({
        TranscriptDays: nullable(Days, 'Days that transcripts are kept; null: forever'),
        RecordingDays: nullable(Days, 'Days that recordings are kept; null: forever'),
      }),
      'How long transcripts and recordings are kept; null if the business has other rules (`GetRetention`)',
    ),
    TimeZone: nullable(Type.String(), 'The time zone of the business; null: UTC'),
    Quotas: about(Quotas, 'What the business may use'),
    CreatedAt: about(Timestamp, 'When the business was created'),
  },
  { title: 'Business', description: 'A business, the tenant of all data' },
);
export const apiKey = {
  ApiKeyId: Type.String({ description: 'The id of the key' }),
  UserId: about(UserId, 'The user of the key'),
  Name: Type.String({ description: 'The name of the key' }),
  BusinessIds: nullable(
    Type.Array(BusinessId),
    'The businesses that the key may use; null: all businesses of its user',
  ),
  Permissions: nullable(PermissionMap, 'The permissions of the key; null: `Full` on every module'),
  ExpiresAt: nullable(Timestamp, 'When the key expires; null: never'),
  RevokedAt: nullable(Timestamp, 'When the key was revoked; null: it was not'),
  CreatedAt: about(Timestamp, 'When the key was created'),
};
export const ApiKey = Type.Object(apiKey, {
  title: 'ApiKey',
  description: 'An API key, without the key itself',
});
