const format = new Intl.NumberFormat();

/** "12,345": a number as the reader's language writes it. */
export const countText = (count: number): string => format.format(count);

/** "1 call" or "12,345 calls". */
export const countOf = (count: number, one: string, many: string): string =>
  `${countText(count)} ${count === 1 ? one : many}`;
