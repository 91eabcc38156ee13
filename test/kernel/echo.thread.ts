import { getPriority } from 'node:os';
import { moved } from '../../packages/server/src/kernel/threads/moved.ts';

interface Echo {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly forever?: boolean;
}

export default function echo({ bytes, forever }: Echo) {
  while (forever);
  const text = new TextDecoder().decode(bytes);
  if (text === 'fail') throw new RangeError('the input asks for a failure');
  return moved({ length: text.length, bytes, priority: getPriority() }, [bytes.buffer]);
}
