import type { OutputOf } from '@colloquy/sdk';
import { useMemo } from 'react';
import { LOCALE } from '../ui/text/locale.ts';

type Series = Pick<OutputOf<'GetQueueAnalytics'>, 'TimeZone' | 'Bucket'> & {
  readonly Buckets: readonly { readonly From: string }[];
};

const FORMATS = {
  Hour: { weekday: 'short', hour: 'numeric' },
  Day: { month: 'short', day: 'numeric' },
  Week: { month: 'short', day: 'numeric' },
  Month: { month: 'short', year: '2-digit' },
} as const satisfies Record<Series['Bucket'], Intl.DateTimeFormatOptions>;

const NONE: readonly string[] = [];

export function useBucketTexts(series: Series | undefined): readonly string[] {
  return useMemo(() => {
    if (!series) return NONE;
    const format = new Intl.DateTimeFormat(LOCALE, {
      ...FORMATS[series.Bucket],
      timeZone: series.TimeZone,
    });
    return series.Buckets.map(({ From }) => format.format(Date.parse(From)));
  }, [series]);
}

export const formatDay = (instant: string, timeZone: string): string =>
  new Intl.DateTimeFormat(LOCALE, { dateStyle: 'medium', timeZone }).format(Date.parse(instant));
