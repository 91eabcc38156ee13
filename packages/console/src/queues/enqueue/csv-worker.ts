import type { CountryCode } from '@colloquy/phone-numbers';
import { answerChecks } from '../../ui/forms/check-worker.ts';
import { checkCsv } from './csv-check.ts';

/** What it is asked: a file, the country of numbers without a +, and which column they are in. */
export interface CheckRequest {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly country: CountryCode | null;
  readonly numberColumn: string | null;
}

answerChecks(({ bytes, country, numberColumn }: CheckRequest) =>
  checkCsv(bytes, country, numberColumn),
);
