import { ColloquyError } from '@colloquy/sdk';

const isInaccessible = (error: unknown): boolean =>
  error instanceof ColloquyError && [403, 404, 410].includes(error.status);

/** Data stays visible during an outage, but not after it was deleted or access was revoked. */
export const visibleData = <T>({
  data,
  error,
}: {
  readonly data: T | undefined;
  readonly error: unknown;
}): T | undefined => (isInaccessible(error) ? undefined : data);
