import { answerChecks } from '../ui/check-worker.ts';
import { checkCsv } from './csv-check.ts';

/** What it is asked: a file, whether numbers without a + have a country, and which column they are in. */
export interface CheckRequest {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly hasCountry: boolean;
  readonly numberColumn: string | null;
}

answerChecks(({ bytes, hasCountry, numberColumn }: CheckRequest) =>
  checkCsv(bytes, hasCountry, numberColumn),
);
