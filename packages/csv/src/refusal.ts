/** A file that cannot be read as a whole. The message is one sentence or two that name the place and the fix. */
export class CsvRefusal extends Error {
  override readonly name = 'CsvRefusal';
}

/** Names from a file, short enough for a message. */
export const quoted = (text: string): string => JSON.stringify(text.slice(0, 64));
