/** In order of precedence; stored by index. Users may add other categories. */
export const FOUND_CATEGORIES = ['CARD', 'IBAN', 'EMAIL', 'PHONE'] as const;
export type FoundCategory = (typeof FOUND_CATEGORIES)[number];

/** A range in UTF-16 code units; `end` is exclusive. */
export interface TextRange<Category extends string = string> {
  readonly start: number;
  readonly end: number;
  readonly category: Category;
}

/** Counts steps: a test verifies linear time. */
export interface Work {
  steps: number;
}
