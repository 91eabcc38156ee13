import { isNumberName, readCsv, readNumbers } from '@colloquy/csv';
import { type CountryCode, toE164 } from '@colloquy/phone-numbers';
import type { GivenNumber } from '../lists/do-not-call.ts';
import { boundedRows, noRows, type RowBytes, refusalOf } from './recipient-rows.ts';

/**
 * Reads numbers from rows as they arrive. A header and other columns are optional. INVALID_REQUEST if
 * it is not CSV, has no rows or too many.
 */
export async function readNumberRows(
  { bytes, charset }: RowBytes,
  country: CountryCode | null,
): Promise<GivenNumber[]> {
  const isNumber = (text: string) => toE164(text, country) !== null;
  const rows = boundedRows(readCsv(bytes, { charset, isKnown: isNumberName }));
  try {
    const cells = await Array.fromAsync(readNumbers(rows, isNumber));
    if (cells.length === 0) throw noRows();
    return cells.map(({ text, fault, ...place }) =>
      fault === null ? { ...place, text } : { ...place, text, fault },
    );
  } catch (error) {
    throw refusalOf(error);
  }
}
