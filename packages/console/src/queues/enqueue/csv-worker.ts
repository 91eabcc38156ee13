import type { CountryCode } from '@colloquy/phone-numbers';
import { answerChecks } from '../../ui/forms/check-worker.ts';
import { checkCsv } from './csv-check.ts';

export interface CheckRequest {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly country: CountryCode | null;
  readonly numberColumn: string | null;
}

answerChecks(({ bytes, country, numberColumn }: CheckRequest) =>
  checkCsv(bytes, country, numberColumn),
);
