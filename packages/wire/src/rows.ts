import Type from 'typebox';

/** What both operations that take rows say of them. */
export const CSV_ROWS =
  'Rows are taken as spreadsheets save them: separated by commas, semicolons, tabs or what a line `sep=` says, in UTF-8 or UTF-16, with any line endings; rows without any value are passed over. A file that cannot be read is refused with the line and the column, and how to fix it.';

/** Of what an operation rejects, beside the reason. */
export const rejectedKeys = {
  Index: Type.Integer({ description: 'Of the recipient, number or row, from 0' }),
  Line: Type.Optional(Type.Integer({ description: 'Of a row, from 1: the line of the file' })),
  Message: Type.String({ description: 'What is wrong, and how to fix it' }),
};
