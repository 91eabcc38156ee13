/** What patterns find; other categories are marked by somebody. */
export type FoundCategory = 'CARD' | 'IBAN' | 'EMAIL' | 'PHONE';

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
