import { ColloquyError } from '@colloquy/sdk';

const isInaccessible = (error: unknown): boolean =>
  error instanceof ColloquyError && [403, 404, 410].includes(error.status);

/**
 * The data that a page may show. Data stays visible during an outage, but not if access to it was
 * revoked or it was deleted.
 */
export const visibleData = <T>({
  data,
  error,
}: {
  readonly data: T | undefined;
  readonly error: unknown;
}): T | undefined => (isInaccessible(error) ? undefined : data);
