import { InvalidArgumentError } from 'commander';

/** Commander shows the error. */
export function wholeNumber(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1) {
    throw new InvalidArgumentError('It must be a positive integer.');
  }
  return number;
}
