import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { DataSetError, type Dialogue } from './dialogue.ts';

/** Yields the dialogues of a file with one JSON object per line, one line at a time. */
export async function* readJsonLines<T>(
  path: string,
  toDialogue: (record: T) => Dialogue,
): AsyncGenerator<Dialogue> {
  let number = 0;
  for await (const line of createInterface({ input: createReadStream(path) })) {
    number += 1;
    if (line.trim() === '') continue;
    try {
      yield toDialogue(JSON.parse(line) as T);
    } catch (error) {
      // Invalid JSON, or a missing part that every dialogue of this data set has.
      if (!(error instanceof SyntaxError || error instanceof TypeError)) throw error;
      throw new DataSetError(`${path} line ${number} is not a dialogue of this data set.`);
    }
  }
}
