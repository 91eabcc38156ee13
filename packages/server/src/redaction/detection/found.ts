/** What patterns find, in the order in which they count; users mark other categories. Stored by place. */
export const FOUND_CATEGORIES = ['CARD', 'IBAN', 'EMAIL', 'PHONE'] as const;
export type FoundCategory = (typeof FOUND_CATEGORIES)[number];

/** A stretch of a text, in UTF-16 code units; `end` is excluded. */
export interface Stretch<Category extends string = string> {
  readonly start: number;
  readonly end: number;
  readonly category: Category;
}

/** Counts what a detection does, so that a test can see that it grows with the text alone. */
export interface Work {
  steps: number;
}
