import { useEffect, useState } from 'react';
import { type CsvCheck, NO_CHECK } from './csv-check.ts';
import type { CheckRequest } from './csv-worker.ts';

interface Checked extends CheckRequest {
  readonly check: CsvCheck;
}

/** What is in a file, looked at by a worker; null until it is known. */
export function useCsvCheck(
  bytes: CheckRequest['bytes'] | null,
  hasCountry: boolean,
  numberColumn: string | null,
): CsvCheck | null {
  const [checked, setChecked] = useState<Checked | null>(null);
  useEffect(() => {
    if (!bytes) return;
    const worker = new Worker(new URL('./csv-worker.ts', import.meta.url), { type: 'module' });
    const request: CheckRequest = { bytes, hasCountry, numberColumn };
    const settle = (check: CsvCheck) => setChecked({ ...request, check });
    worker.onmessage = ({ data }: MessageEvent<CsvCheck>) => settle(data);
    worker.onerror = () => settle(UNREAD);
    worker.postMessage(request);
    // Another file, or another country: nobody waits for this one any more.
    return () => worker.terminate();
  }, [bytes, hasCountry, numberColumn]);
  const isOfThese =
    checked?.bytes === bytes &&
    checked?.hasCountry === hasCountry &&
    checked?.numberColumn === numberColumn;
  return isOfThese ? (checked?.check ?? null) : null;
}

const UNREAD: CsvCheck = {
  ...NO_CHECK,
  problem: 'The file could not be read. Reload the page and choose it again.',
};
