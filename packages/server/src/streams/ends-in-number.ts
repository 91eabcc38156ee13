import { NUMBER_WORDS } from '../redaction/detection/spoken.ts';

const END = new RegExp(`(?:\\p{Nd}|\\b(?:${NUMBER_WORDS}))[\\s\\p{P}]*$`, 'iu');
/** Longer than any number word with the punctuation after it. */
const MAX_END = 100;

/** The next message of the same sender may continue the number. */
export const endsInNumber = (text: string): boolean => END.test(text.slice(-MAX_END));
