import {
  BODY_ERRORS,
  BUSINESS_ERRORS,
  COMMON_ERRORS,
  type Code,
  type CsvInput,
  type Op,
  type Permission,
  REASONS,
} from '@colloquy/wire';

/** Every reason with which an operation can refuse, in the order of the closed table. */
export function reasonsOf(op: Op): Code[] {
  const has = new Set<Code>([
    ...COMMON_ERRORS,
    ...(isOfBusiness(op) ? BUSINESS_ERRORS : []),
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

/** The types of permission that suffice, `Full` first. */
export function sufficientTypes({ anyOf }: Permission): string[] {
  return ['Full', ...anyOf];
}

/** What a key needs, as a phrase of Markdown. */
export function permissionText({ permission }: Op): string {
  if (permission === 'admin') return "the key of an admin's user, without limits of its own";
  const types = sufficientTypes(permission).map((type) => `\`${type}\``);
  return `\`${permission.module}\` with ${listText(types, 'or')}`;
}

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
