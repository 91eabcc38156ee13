import { NUMBER_WORDS } from '../redaction/detection/spoken.ts';

/** A number that is split over messages has at most this many between its parts. */
export const MAX_RECENT = 24;
/** A message that ends in a number is held back from masked readers for this time. */
export const HOLD_MILLISECONDS = 60_000;

const END = new RegExp(`(?:\\p{Nd}|\\b(?:${NUMBER_WORDS}))[\\s\\p{P}]*$`, 'iu');
/** Longer than any number word with the punctuation after it. */
const MAX_END = 100;

/** The next message of the same sender may continue the number. */
export const endsInNumber = (text: string): boolean => END.test(text.slice(-MAX_END));
