import { type Code, type OpName, ops } from '@colloquy/wire';
import { Fault } from '../../kernel/fault.ts';
import { moved } from '../../kernel/threads/moved.ts';
import { bytesOf, type TextBytes } from '../../kernel/threads/text-bytes.ts';
import { bodyReader } from './bodies.ts';
import { splittingOf } from './splittings.ts';

interface Input {
  readonly name: OpName;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

type Output =
  | {
      readonly kind: 'accepted';
      readonly rest: TextBytes;
      readonly texts: readonly TextBytes[];
      readonly facts: unknown;
    }
  | { readonly kind: 'refused'; readonly code: Code; readonly message: string };

const readers = new Map<string, ReturnType<typeof bodyReader>>();

/** Large parts are texts: copying a parsed value out of the thread takes as long as parsing. */
export default function readBody({ name, bytes }: Input): Output {
  const read = readers.get(name) ?? bodyReader(ops[name]);
  readers.set(name, read);
  const splitting = splittingOf(name);
  try {
    const body = read(bytes);
    if (!splitting) {
      return moved({ kind: 'accepted', rest: bytes.buffer, texts: [], facts: null }, [
        bytes.buffer,
      ]);
    }
    const split = splitting.split(body);
    const rest = bytesOf(JSON.stringify(split.rest));
    const texts = split.texts.map(bytesOf);
    return moved({ kind: 'accepted', rest, texts, facts: split.facts }, [rest, ...texts]);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    // Errors lose their class when they leave the thread.
    return { kind: 'refused', code: error.code, message: error.message };
  }
}
