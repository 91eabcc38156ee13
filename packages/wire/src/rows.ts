import Type from 'typebox';
import { optional } from './types.ts';

export const CSV_ROWS =
  'Rows may be saved by any spreadsheet: separated by commas, semicolons, tabs or the character of a line `sep=`, in UTF-8 or UTF-16, with any line endings. Empty rows are skipped. An unreadable file is refused with the line, the column and the way to fix it.';

/** Next to the reason. */
export const rejectedKeys = {
  Index: Type.Integer({ description: 'The place of the recipient, number or row, from 0' }),
  Line: optional(Type.Integer(), 'The line of the file on which the row begins, from 1'),
  Message: Type.String({ description: 'What is wrong, and how to fix it' }),
};
