import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const COLLECT_BYTES = 32 * 1024 * 1024;

/** Call the result with processed bytes. V8 lets garbage grow to three times the memory in use. */
export function limitMemory(): (bytes: number) => void {
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  let processed = 0;
  return (bytes) => {
    processed += bytes;
    if (processed < COLLECT_BYTES || typeof collect !== 'function') return;
    processed = 0;
    collect();
  };
}
