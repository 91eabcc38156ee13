export type { Charset } from './decode.ts';
export { isNumberName } from './names.ts';
export {
  cellsOf,
  layoutOf,
  missingColumnMessage,
  type NumberCell,
  type NumberLayout,
  readNumbers,
} from './numbers.ts';
export { type CsvReading, type CsvRow, readCsv } from './read.ts';
export {
  headerOf,
  isNumberColumn,
  isRecipientColumn,
  MAX_ROW_BYTES,
  NUMBER_COLUMN,
  numberColumnOf,
  plainReaders,
  RECIPIENT_COLUMNS,
  RecipientColumns,
  type RecipientRow,
  type ValueReaders,
} from './recipients.ts';
export { CsvRefusal } from './refusal.ts';
export { writeCsv } from './write.ts';
