import {
  BODY_ERRORS,
  BUSINESS_ERRORS,
  COMMON_ERRORS,
  type Code,
  CREDENTIAL_ERRORS,
  type CsvInput,
  type Op,
  type OpPermission,
  type Permission,
  REASONS,
} from '@colloquy/wire';

/** Every reason with which an operation can refuse, in the order of the closed table. */
export function reasonsOf(op: Op): Code[] {
  const has = new Set<Code>([
    ...COMMON_ERRORS,
    ...(op.permission === 'anyone' ? [] : CREDENTIAL_ERRORS),
    // A change by cookie needs more than the cookie.
    ...(op.permission === 'anyone' || op.method === 'GET' ? [] : (['CSRF_TOKEN_INVALID'] as const)),
    ...(isOfBusiness(op) ? BUSINESS_ERRORS : []),
    ...(hasDemand(op) ? (['PERMISSION_DENIED'] as const) : []),
    ...(readsJson(op) ? BODY_ERRORS : []),
    ...op.errors,
  ]);
  return (Object.keys(REASONS) as Code[]).filter((code) => has.has(code));
}

/** Whether a body that comes is read as JSON: also where none is wanted, but of a GET never. */
function readsJson({ method, alsoMethods, body }: Op): boolean {
  return body !== 'audio' && (method !== 'GET' || alsoMethods !== undefined);
}

function isOfBusiness(op: Op): boolean {
  return op.path.startsWith('/business/');
}

/** Whether a credential that works may still be too little. */
function hasDemand({ permission }: Op): boolean {
  return permission === 'admin' || typeof permission === 'object';
}

/** The types of permission that suffice, `Full` first. */
export function sufficientTypes({ anyOf }: Permission): string[] {
  return ['Full', ...anyOf];
}

/** What a key needs, as a phrase of Markdown. */
export function permissionText({ permission }: Op): string {
  if (typeof permission === 'string') return PERMISSION_TEXTS[permission];
  const types = sufficientTypes(permission).map((type) => `\`${type}\``);
  const owner = permission.onlyOwner ? ', of an `Owner` of the business' : '';
  return `\`${permission.module}\` with ${listText(types, 'or')}${owner}`;
}

const PERMISSION_TEXTS: Readonly<Record<Extract<OpPermission, string>, string>> = {
  anyone: 'none, and no credential',
  'signed-in': 'any key that works, or whoever is signed in',
  member: 'whoever may use the business',
  admin: "the key of an admin's user, without limits of its own, or an admin who is signed in",
};

/** What a query parameter that goes with rows alone is for. */
export function csvQueryText({ query }: CsvInput, name: string): string {
  const required: readonly string[] = query.required ?? [];
  const when = `Only with a body of \`text/csv\`${required.includes(name) ? ', and required then' : ''}`;
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
