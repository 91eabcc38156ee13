import { useEffect, useState } from 'react';
import type { CsvCheck } from './csv-check.ts';
import type { CheckRequest } from './csv-worker.ts';

interface Checked extends CheckRequest {
  readonly check: CsvCheck;
}

/** What is in a file, looked at by a worker; null until it is known. */
export function useCsvCheck(
  bytes: CheckRequest['bytes'] | null,
  hasCountry: boolean,
): CsvCheck | null {
  const [checked, setChecked] = useState<Checked | null>(null);
  useEffect(() => {
    if (!bytes) return;
    const worker = new Worker(new URL('./csv-worker.ts', import.meta.url), { type: 'module' });
    const settle = (check: CsvCheck) => setChecked({ bytes, hasCountry, check });
    worker.onmessage = ({ data }: MessageEvent<CsvCheck>) => settle(data);
    worker.onerror = () => settle(UNREAD);
    worker.postMessage({ bytes, hasCountry } satisfies CheckRequest);
    // Another file, or another country: nobody waits for this one any more.
    return () => worker.terminate();
  }, [bytes, hasCountry]);
  const isOfThese = checked?.bytes === bytes && checked?.hasCountry === hasCountry;
  return isOfThese ? (checked?.check ?? null) : null;
}

const UNREAD: CsvCheck = {
  problem: 'The file could not be looked through. Load the page again, and choose it once more.',
  columns: [],
  rows: [],
  first: [],
  bad: [],
};
