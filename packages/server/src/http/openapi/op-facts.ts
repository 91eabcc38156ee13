import {
  BODY_ERRORS,
  BUSINESS_ERRORS,
  COMMON_ERRORS,
  type Code,
  CREDENTIAL_ERRORS,
  type CsvInput,
  groundRules,
  type Op,
  type OpPermission,
  type Permission,
  REASONS,
} from '@colloquy/wire';
import {
  MAX_CONTAINERS,
  MAX_DEPTH,
  MAX_KEYS,
  MAX_KEYS_OF_OBJECT,
} from '../../kernel/json/scan-json.ts';

export const GROUND_RULES = groundRules({
  depth: MAX_DEPTH,
  keysOfObject: MAX_KEYS_OF_OBJECT,
  keys: MAX_KEYS,
  containers: MAX_CONTAINERS,
});

export function reasonsOf({ permission, path, method, alsoMethods, body, errors }: Op): Code[] {
  const isSigned = permission !== 'anyone';
  const needsPermission = permission === 'admin' || typeof permission === 'object';
  // Even if the operation expects none.
  const readsJson = body !== 'audio' && (method !== 'GET' || alsoMethods !== undefined);
  const has = new Set<Code>([
    ...COMMON_ERRORS,
    ...(isSigned ? CREDENTIAL_ERRORS : []),
    ...(isSigned && method !== 'GET' ? (['CSRF_TOKEN_INVALID'] as const) : []),
    ...(path.startsWith('/business/') ? BUSINESS_ERRORS : []),
    ...(needsPermission ? (['PERMISSION_DENIED'] as const) : []),
    ...(readsJson ? BODY_ERRORS : []),
    ...errors,
  ]);
  return (Object.keys(REASONS) as Code[]).filter((code) => has.has(code));
}

export const sufficientTypes = ({ anyOf }: Permission): string[] => ['Full', ...anyOf];

export function permissionText({ permission }: Op): string {
  if (typeof permission === 'string') return PERMISSION_TEXTS[permission];
  const types = sufficientTypes(permission).map((type) => `\`${type}\``);
  const owner = permission.onlyOwner ? '; only for an `Owner` of the business' : '';
  return `\`${permission.module}\` with ${listText(types, 'or')}${owner}`;
}

const PERMISSION_TEXTS: Readonly<Record<Extract<OpPermission, string>, string>> = {
  anyone: 'none; no credential is needed',
  'signed-in': 'any valid key or session',
  member: 'access to the business',
  admin: 'a signed-in admin, or the key of an admin without limits',
};

export function messagesOf({ permission, messages }: Op): Partial<Record<Code, string>> {
  if (typeof permission === 'string') return messages ?? {};
  const types = listText(sufficientTypes(permission), 'or');
  return {
    PERMISSION_DENIED: `This API key lacks ${permission.module} with ${types}; use a key that holds it.`,
    ...messages,
  };
}

export function effectText({ readOnly, destructive, idempotent }: Op): string {
  if (readOnly) return 'reads only';
  const change = destructive
    ? 'can overwrite, remove or end something'
    : 'overwrites and removes nothing';
  return `${change}; ${idempotent ? 'safe to repeat' : 'a repeat has a further effect'}`;
}

export function csvQueryText({ query }: CsvInput, name: string): string {
  const required: readonly string[] = query.required ?? [];
  const when = `Only with a body of \`text/csv\`${required.includes(name) ? ', and then required' : ''}`;
  const { description } = query.properties[name] as { description?: string };
  return description === undefined ? when : `${when}. ${description}`;
}

/** `a, b or c` */
export function listText(items: readonly string[], word: 'and' | 'or'): string {
  if (items.length < 2) return items.join('');
  return `${items.slice(0, -1).join(', ')} ${word} ${items.at(-1)}`;
}

/** `64 KiB`, `1 MiB`, `1 GiB` */
export function sizeText(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB'];
  let size = bytes;
  let unit = 0;
  while (size >= 1024 && size % 1024 === 0 && unit < units.length - 1) {
    size /= 1024;
    unit += 1;
  }
  return `${size} ${units[unit]}`;
}
