import { type Code, type OpName, ops } from '@colloquy/wire';
import { Fault } from '../base/fault.ts';
import { moved } from '../base/threads/moved.ts';
import { bodyReader } from './bodies.ts';

interface Input {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

type Output =
  | { readonly kind: 'accepted'; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'refused'; readonly code: Code; readonly message: string };

const readers = new Map<string, ReturnType<typeof bodyReader>>();

/**
 * Checks a large body, and hands its bytes back: to copy the parsed value out of the thread would block
 * for longer than to parse what is known to be good.
 */
export default function readBody({ name, bytes }: Input): Output {
  const read = readers.get(name) ?? bodyReader(ops[name as OpName]);
  readers.set(name, read);
  try {
    read(bytes);
    return moved({ kind: 'accepted', bytes }, [bytes.buffer]);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    // An error loses its class on the way.
    return { kind: 'refused', code: error.code, message: error.message };
  }
}
