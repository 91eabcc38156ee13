import { InvalidArgumentError } from 'commander';

/** Reads an option's value; the error that commander shows where it is none. */
export function wholeNumber(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1) {
    throw new InvalidArgumentError('It must be a positive integer.');
  }
  return number;
}
