import { LOCALE } from './locale.ts';

const format = new Intl.NumberFormat(LOCALE);

/** "12,345", in the reader's locale. */
export const formatCount = (count: number): string => format.format(count);

/** "1 call" or "12,345 calls". */
export const pluralize = (count: number, one: string, many: string): string =>
  `${formatCount(count)} ${count === 1 ? one : many}`;
