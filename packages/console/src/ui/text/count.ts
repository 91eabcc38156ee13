import { LOCALE } from './locale.ts';

const format = new Intl.NumberFormat(LOCALE);

/** "12,345": a number as the reader's kind of English writes it. */
export const countText = (count: number): string => format.format(count);

/** "1 call" or "12,345 calls". */
export const countOf = (count: number, one: string, many: string): string =>
  `${countText(count)} ${count === 1 ? one : many}`;
