export interface ListPage {
  readonly Items: readonly unknown[];
  readonly HasNextPage: boolean;
  readonly HasPreviousPage: boolean;
  readonly TotalCount: number;
}

/** Rows before a page; null if unknown. An `at` that contradicts the answer is ignored. */
export function computePosition(
  { Items, HasNextPage, HasPreviousPage, TotalCount }: ListPage,
  at: string | undefined,
): number | null {
  if (!HasPreviousPage) return 0;
  if (!HasNextPage) return Math.max(TotalCount - Items.length, 0);
  const before = Number(at ?? 0);
  return before > 0 && before + Items.length < TotalCount ? before : null;
}
