import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const COLLECT_EVERY = 32 * 1024 * 1024;

/**
 * Keeps a process small that streams many bytes and holds few. Left to itself the engine gives so
 * much garbage as there comes three times the memory of what is in use, and counts what lies in
 * buffers late. The function is told of bytes that passed through.
 */
export function keepMemoryLow(): (bytes: number) => void {
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  let passed = 0;
  return (bytes) => {
    passed += bytes;
    if (passed < COLLECT_EVERY || typeof collect !== 'function') return;
    passed = 0;
    collect();
  };
}
