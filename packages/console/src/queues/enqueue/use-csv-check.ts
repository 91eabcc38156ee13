import type { CountryCode } from '@colloquy/phone-numbers';
import { useMemo } from 'react';
import { useCheck } from '../../ui/forms/use-check.ts';
import { type CsvCheck, NO_CHECK } from './csv-check.ts';
import type { CheckRequest } from './csv-worker.ts';

/** The result of a worker; null while it is running. */
export function useCsvCheck(
  bytes: CheckRequest['bytes'] | null,
  country: CountryCode | null,
  numberColumn: string | null,
): CsvCheck | null {
  const request = useMemo(
    (): CheckRequest | null => bytes && { bytes, country, numberColumn },
    [bytes, country, numberColumn],
  );
  return useCheck(request, openWorker, UNREAD);
}

const openWorker = () =>
  new Worker(new URL('./csv-worker.ts', import.meta.url), { type: 'module' });

const UNREAD: CsvCheck = {
  ...NO_CHECK,
  problem: 'The file could not be read. Reload the page and choose it again.',
};
