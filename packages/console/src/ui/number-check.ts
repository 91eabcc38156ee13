/** What people write between the digits of a number, as the server passes over it. */
const BETWEEN = /[-‐-―−ー－/／.．⁓∼～()（）［］[\] \u00a0\u00ad\u200b\u2060\u3000]/g;
/** Where the digits of other scripts begin: full width, Arabic, Persian. */
const ZEROS = [0xff10, 0x0660, 0x06f0] as const;
const OTHER_DIGIT = /[\uff10-\uff19\u0660-\u0669\u06f0-\u06f9]/g;

/** A number without what people write between its digits. */
export const digitsOf = (number: string): string =>
  number
    .replaceAll(BETWEEN, '')
    .replace(/^＋/, '+')
    .replaceAll(OTHER_DIGIT, (digit) => {
      const code = digit.charCodeAt(0);
      return String(code - (ZEROS.find((zero) => code >= zero && code < zero + 10) ?? code));
    });

/** Why the server would refuse a number, as far as its look says so; null where it does not. */
export function wrongWithNumber(number: string, hasCountry: boolean): string | null {
  const digits = digitsOf(number);
  if (digits !== '' && /^\s/.test(number)) return 'There is a space before the number.';
  // Without a country the server looks for the one + of ASCII.
  if (!hasCountry && number.startsWith('＋')) return 'Begin the number with a plain +.';
  if (/^\+[1-9]\d{1,14}$/.test(digits)) return null;
  if (digits === '') return 'The number is missing.';
  if (!digits.startsWith('+') && /^\d{3,15}$/.test(digits)) {
    return hasCountry ? null : 'No country code: begin the number with +.';
  }
  return 'Not a valid phone number.';
}
