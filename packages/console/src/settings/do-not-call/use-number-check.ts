import type { CountryCode } from '@colloquy/phone-numbers';
import { useMemo } from 'react';
import { useCheck } from '../../ui/forms/use-check.ts';
import { NO_NUMBERS, type NumberCheck, type NumberRequest } from './number-check.ts';

/** The result of a worker; null while it is running. */
export function useNumberCheck({
  bytes,
  country,
  column,
}: {
  readonly bytes: NumberRequest['bytes'] | null;
  readonly country: CountryCode | null;
  readonly column: number | null;
}): NumberCheck | null {
  const request = useMemo(
    (): NumberRequest | null => bytes && { bytes, country, column },
    [bytes, country, column],
  );
  return useCheck(request, openWorker, UNREAD);
}

const openWorker = () =>
  new Worker(new URL('./number-worker.ts', import.meta.url), { type: 'module' });

const UNREAD: NumberCheck = {
  ...NO_NUMBERS,
  problem: 'The numbers could not be read. Reload the page and try again.',
};
