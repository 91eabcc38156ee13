/** English, like the page, with the reader's region for dates, numbers and hours. */
export function chooseLocale(
  languages: readonly string[],
  hourCycle: Intl.LocaleHourCycleKey | undefined,
): string {
  const english = languages.find((language) => /^en\b/i.test(language)) ?? 'en';
  const { baseName } = new Intl.Locale(english);
  return new Intl.Locale(baseName, hourCycle ? { hourCycle } : {}).toString();
}

const { hourCycle } = new Intl.DateTimeFormat(undefined, { hour: 'numeric' }).resolvedOptions();

export const LOCALE: string = chooseLocale(navigator.languages, hourCycle);
