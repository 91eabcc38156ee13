import { LOCALE } from './locale.ts';

const format = new Intl.NumberFormat(LOCALE);

export const formatCount = (count: number): string => format.format(count);

export const pluralize = (count: number, one: string, many = `${one}s`): string =>
  `${formatCount(count)} ${count === 1 ? one : many}`;
