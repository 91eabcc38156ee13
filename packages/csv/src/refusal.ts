/** A file that cannot be read. The message names the place and the fix. */
export class CsvRefusal extends Error {
  override readonly name = 'CsvRefusal';
}

export const quoted = (text: string): string => JSON.stringify(text.slice(0, 64));
