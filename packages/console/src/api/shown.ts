import { ColloquyError } from '@colloquy/sdk';

/** What was asked for may not be seen any more, or is not there any more. */
const isLost = (error: unknown): boolean =>
  error instanceof ColloquyError && [403, 404, 410].includes(error.status);

/**
 * What a page shows of a read. What is there stays while it cannot be asked for again, with the error
 * above it; what is refused by now, or gone, does not.
 */
export const shownOf = <T>({
  data,
  error,
}: {
  readonly data: T | undefined;
  readonly error: unknown;
}): T | undefined => (isLost(error) ? undefined : data);
