/** What an answer tells of where its page is. */
export interface Positioned {
  readonly Items: readonly unknown[];
  readonly HasNextPage: boolean;
  readonly HasPreviousPage: boolean;
  readonly TotalCount: number;
}

/**
 * How many come before a page; null where that is not known. The address says how many there were when
 * it was made (`at`): where the answer contradicts it, rows have come or gone since.
 */
export function positionOf(
  { Items, HasNextPage, HasPreviousPage, TotalCount }: Positioned,
  at: string | undefined,
): number | null {
  if (!HasPreviousPage) return 0;
  if (!HasNextPage) return Math.max(TotalCount - Items.length, 0);
  const before = Number(at ?? 0);
  return before > 0 && before + Items.length < TotalCount ? before : null;
}
