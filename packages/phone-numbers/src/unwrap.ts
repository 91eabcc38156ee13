import { plainText } from './characters.ts';

export interface Unwrapped {
  /** Digits with separators. */
  readonly number: string;
  /** In `sip:`, only a number with a plus is global; anything else is a name at that host. */
  readonly isSip: boolean;
  readonly hasExtension: boolean;
}

// RFC 3261: an optional name, the URI in angle brackets, and parameters behind it.
const NAME_ADDRESS = /^(?:"(?:[^"\\]|\\.)*" ?|[^<>"]*)<([^<>]*)> ?(?:;[^<>]*)?$/;
const SCHEME = /^(tel|sips?) ?:(?:\/\/)? ?/i;
const PARAMETER = /^ ?([a-z][a-z0-9-]*) ?(?:= ?(.*))?$/i;
const EXTENSION_PATTERN = String.raw`(?:extension|extn?|x|anexo|int|доб|#)[ .:]{0,3}\d{1,9}`;
const EXTENSION = new RegExp(String.raw`^(.*[\d)\]]) ?[,;]? ?${EXTENSION_PATTERN} ?#?$`, 'i');
const FIRST_EXTENSION = new RegExp(String.raw`^${EXTENSION_PATTERN}(?![\p{L}\p{N}])`, 'iu');

export const beginsWithExtension = (text: string): boolean => FIRST_EXTENSION.test(text);

/** null if the rest around the number is unknown. */
export function unwrap(text: string): Unwrapped | null {
  const plain = unquote(plainText(text));
  const bare = NAME_ADDRESS.exec(plain)?.[1]?.trim() ?? plain;
  const scheme = SCHEME.exec(bare)?.[1]?.toLowerCase();
  const uri = scheme === undefined ? bare : unescapeUri(bare.replace(SCHEME, ''));
  if (uri === null) return null;
  const isSip = scheme?.startsWith('sip') === true || (scheme === undefined && uri.includes('@'));
  const user = isSip ? userOf(uri) : uri;
  const [first = '', ...rest] = user.split(';');
  const parameters = readParameters(rest);
  if (!parameters) {
    // Some systems write the extension after a semicolon without a name.
    const extended = EXTENSION.exec(user)?.[1];
    return extended === undefined || extended.includes(';')
      ? null
      : { number: extended, isSip, hasExtension: true };
  }
  const extended = EXTENSION.exec(first)?.[1];
  return {
    number: inContext(extended ?? first.trim(), parameters.get('phone-context')),
    isSip,
    hasExtension: extended !== undefined || parameters.has('ext'),
  };
}

/** Spreadsheets mark digits as text by an apostrophe. */
const unquote = (text: string): string =>
  text
    .replace(/^(["'])([^"']*)\1$/, '$2')
    .replace(/^['\u2019](?=[+\d(])/, '')
    .trim();

/** The user, with its parameters, of `user:password@host:port;parameters?headers`. */
function userOf(uri: string): string {
  const at = uri.indexOf('@');
  const user = at < 0 ? (uri.split('?')[0] ?? '') : uri.slice(0, at);
  return user.replace(/:[^;]*/, '');
}

function unescapeUri(uri: string): string | null {
  if (!uri.includes('%')) return uri;
  try {
    return plainText(decodeURIComponent(uri));
  } catch {
    return null;
  }
}

function readParameters(texts: readonly string[]): Map<string, string> | null {
  const parameters = new Map<string, string>();
  for (const text of texts) {
    if (text.trim() === '') continue;
    const [, name, value = ''] = PARAMETER.exec(text) ?? [];
    if (name === undefined) return null;
    parameters.set(name.toLowerCase(), value);
  }
  return parameters;
}

/** RFC 3966: a local number is local to its context, which may be the country code. */
function inContext(number: string, context: string | undefined): string {
  const isLocal = !number.includes('+') && !number.startsWith('00');
  return isLocal && context?.startsWith('+') ? `${context} ${number}` : number;
}
