import type { OutputOf } from '@colloquy/wire';
import { Fault } from '../kernel/fault.ts';
import { formatInstant, parseInstant } from '../kernel/instant.ts';
import { requireTimeZone } from '../kernel/time-zone.ts';
import type { ApiKey } from './api-keys/key-store.ts';

type ApiKeyJson = OutputOf<'RevokeApiKey'>;

/** Fault: INVALID_REQUEST, with `path`. */
export function instantOf(path: string, text: string): number {
  const instant = parseInstant(text);
  if (instant !== null) return instant;
  throw new Fault(
    'INVALID_REQUEST',
    `${path} must be an RFC 3339 timestamp with an offset, such as 2024-01-15T14:30:00Z.`,
  );
}

export const zoneOf = (name: string | null | undefined) =>
  name == null ? null : requireTimeZone('TimeZone', name);

export function apiKeyJson(key: ApiKey): ApiKeyJson {
  return {
    ApiKeyId: key.apiKeyId,
    UserId: key.userId,
    Name: key.name,
    BusinessIds: key.businessIds === null ? null : [...key.businessIds],
    Permissions: key.permissions as ApiKeyJson['Permissions'],
    ExpiresAt: key.expiresAt === null ? null : formatInstant(key.expiresAt),
    RevokedAt: key.revokedAt === null ? null : formatInstant(key.revokedAt),
    CreatedAt: formatInstant(key.createdAt),
  };
}
