import type { FoundCategory, TextRange, Work } from './found.ts';

// "jane dot doe at example dot com", "info (at) example.org", "ada @ example . com".
const AT =
  /(?<![\p{L}\p{N}])at(?![\p{L}\p{N}])(?:\s(?:sign|symbol|the\srate(?:\sof)?)(?![\p{L}\p{N}]))?|@/giu;
const MAX_BEFORE = 96;
const MAX_AFTER = 128;

const TOP_LEVELS = [
  ...['com', 'org', 'net', 'edu', 'gov', 'info', 'biz', 'io', 'co', 'dev', 'app', 'ai', 'me', 'tv'],
  ...['online', 'shop', 'xyz', 'email', 'cloud', 'tech', 'example', 'test', 'uk', 'de', 'fr', 'es'],
  ...['it', 'nl', 'eu', 'us', 'ca', 'au', 'in', 'jp', 'ch', 'at', 'be', 'se', 'no', 'dk', 'fi'],
  ...['pl', 'pt', 'ie', 'nz', 'br', 'mx', 'cz', 'gr', 'ro', 'hu', 'za', 'sg', 'hk', 'kr', 'cn'],
].join('|');
const DOT = '(?:\\s?\\.\\s?|\\s{1,2}(?:dot|period|point)\\s{1,2}|\\s?[([]\\s?dot\\s?[)\\]]\\s?)';
const WORD = '[\\p{L}\\p{N}](?:[\\p{L}\\p{N}-]{0,62})';
// Includes mail providers as speech recognition splits them, and hyphens by name.
const SPELLED = '\\p{L}(?:[\\s-]\\p{L}(?![\\p{L}\\p{N}])){1,20}';
const LABEL = `(?:${SPELLED}|(?:(?:g|hot|i|out|proton|fast)\\s)?${WORD}(?:\\s(?:dash|hyphen|minus)\\s${WORD}){0,3})`;
/** Mail domains, before which "at" cannot mean a place or a shop. */
const MAIL_DOMAIN =
  /^[\s)\]}]{0,3}(?:g ?mail|google ?mail|yahoo|hot ?mail|outlook|i ?cloud|proton ?mail|aol|gmx)(?![\p{L}\p{N}])/iu;
const DOMAIN = new RegExp(
  `^[\\s)\\]}]{0,3}${LABEL}(?:${DOT}${LABEL}){0,4}?${DOT}(?:${TOP_LEVELS})(?:${DOT}(?:${TOP_LEVELS}))?(?![\\p{L}\\p{N}])`,
  'iu',
);

const SIGNS = /^(?:dot|period|point|underscore|dash|hyphen|minus|plus|\(dot\)|\[dot\])$/i;
const NUMBERS =
  /^(?:zero|oh|o|one|two|three|four|five|six|seven|eight|nine|ten|double|triple|\d{1,4})$/i;
const LOCAL = /^[\p{L}\p{N}][\p{L}\p{N}._+'%-]*$/u;
const OPENING = /^[("'<[:*]+/;
const NO_ADDRESS = new Set(
  [
    'a an the me you us it him her them this that these those here there is are was were be been am',
    'look looking looked see shop shopping buy bought order ordered book booked booking find found',
    'available open work works working worked live lives living stay staying meet meeting arrive',
    'arrives arriving start starts starting leave leaves leaving visit store shops page site website',
    'online tickets ticket seats table room rooms hotel reservation reservations deals prices price',
    'hosted account accounts inbox customer people team support office company job sale items all not just only or and but also',
    'not reach call contact email mail write message located location pm p.m am a.m one least',
    'more now today tomorrow up out over back down off signed sign register registered account',
  ].flatMap((line) => line.split(' ')),
);
const BEFORE_ADDRESS =
  /(?:^|[.!?,:;]|\b(?:it'?s|that'?s|is|its|to|use|at|yes|sure|okay|ok|um|uh))\s*$/i;
const ABOUT_ADDRESS = /\b(?:e-?mails?|mail|address)\b/i;

export function findSpokenEmails(text: string, work: Work): TextRange<FoundCategory>[] {
  const found: TextRange<FoundCategory>[] = [];
  for (const { 0: sign, index } of text.matchAll(AT)) {
    work.steps += 1;
    const after = text.slice(index + sign.length, index + sign.length + MAX_AFTER);
    const domain = DOMAIN.exec(after)?.[0];
    if (domain === undefined) continue;
    const from = Math.max(0, index - MAX_BEFORE);
    const isClear = sign === '@' || /\s/.test(sign) || MAIL_DOMAIN.test(after);
    const local = startOfLocal(text.slice(from, index), sign === '@', isClear);
    if (local < 0) continue;
    const end = index + sign.length + domain.length;
    found.push({ start: from + local, end, category: 'EMAIL' });
  }
  return found;
}

function startOfLocal(before: string, isSign: boolean, isClearSign: boolean): number {
  const words = [...before.replace(/[([{\s]+$/, '').matchAll(/\S+/g)];
  let at = words.length - 1;
  let word = words[at]?.[0].replace(OPENING, '') ?? '';
  if (!LOCAL.test(word)) return -1;
  let isClear = isClearSign || /[\p{L}\p{N}][._+-][\p{L}\p{N}]|\p{L}\d/u.test(word);
  for (;;) {
    const sign = words[at - 1]?.[0] ?? '';
    const previous = words[at - 2]?.[0].replace(OPENING, '') ?? '';
    if (SIGNS.test(sign) && LOCAL.test(previous)) {
      at -= 2;
      word = previous;
      isClear = true;
      continue;
    }
    const isSpelled = /^\p{L}$/u.test(word) && /^\p{L}$/u.test(sign.replace(OPENING, ''));
    const isCounted = NUMBERS.test(word) && LOCAL.test(sign.replace(OPENING, ''));
    if (!isSpelled && !isCounted) break;
    at -= 1;
    word = sign.replace(OPENING, '');
    isClear = true;
  }
  if (NUMBERS.test(word) && words.length - 1 === at) return -1;
  const isPlain = at === words.length - 1;
  const isNoAddress = NO_ADDRESS.has(word.toLowerCase()) || word.includes("'");
  if (isPlain && !isSign && isNoAddress) return -1;
  const match = words[at];
  if (!match) return -1;
  const start = match.index + match[0].length - word.length;
  if (isClear) return start;
  const leading = before.slice(0, start);
  return BEFORE_ADDRESS.test(leading) || ABOUT_ADDRESS.test(leading) ? start : -1;
}
