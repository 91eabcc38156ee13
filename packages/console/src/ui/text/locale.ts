/**
 * The language of the page is English: dates and numbers are in the reader's own kind of it, and the hours are counted as
 * the reader counts them.
 */
export function localeOf(
  languages: readonly string[],
  hourCycle: Intl.LocaleHourCycleKey | undefined,
): string {
  const english = languages.find((language) => /^en\b/i.test(language)) ?? 'en';
  const { baseName } = new Intl.Locale(english);
  return new Intl.Locale(baseName, hourCycle ? { hourCycle } : {}).toString();
}

const { hourCycle } = new Intl.DateTimeFormat(undefined, { hour: 'numeric' }).resolvedOptions();

export const LOCALE: string = localeOf(navigator.languages, hourCycle);
