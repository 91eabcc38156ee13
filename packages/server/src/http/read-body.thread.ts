import { type Code, type Op, type OpName, ops } from '@colloquy/wire';
import { Fault } from '../base/fault.ts';
import { moved } from '../base/threads/moved.ts';
import { bytesOf, type TextBytes } from '../base/threads/text-bytes.ts';
import { bodyReader } from './bodies.ts';
import { participantRefusal } from './masked-participants.ts';
import { splittingOf } from './split-bodies.ts';

interface Input {
  readonly name: OpName;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Whether the ids of participants that are masked are refused; other ids are looked at later. */
  readonly refusesParticipants: boolean;
}

type Output =
  | {
      readonly kind: 'accepted';
      /** JSON of the body without its large parts. */
      readonly rest: TextBytes;
      readonly texts: readonly TextBytes[];
      readonly facts: unknown;
    }
  | { readonly kind: 'refused'; readonly code: Code; readonly message: string };

const readers = new Map<string, ReturnType<typeof readerOf>>();

function readerOf(op: Op) {
  return {
    read: bodyReader(op),
    refuseParticipants: participantRefusal(op.body),
    splitting: splittingOf(op.name as OpName),
  };
}

/**
 * Checks a large body. Its large parts go back as the texts that are stored: to copy a parsed value
 * out of the thread would block for as long as to parse it.
 */
export default function readBody({ name, bytes, refusesParticipants }: Input): Output {
  const { read, refuseParticipants, splitting } = readers.get(name) ?? readerOf(ops[name]);
  if (!readers.has(name)) readers.set(name, { read, refuseParticipants, splitting });
  try {
    const body = read(bytes);
    if (refusesParticipants) refuseParticipants(body);
    // What was checked is what JSON.parse gives of these bytes.
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
    // An error loses its class on the way.
    return { kind: 'refused', code: error.code, message: error.message };
  }
}
