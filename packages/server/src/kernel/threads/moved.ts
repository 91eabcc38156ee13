import { move, transferableSymbol, valueSymbol } from 'piscina';

/**
 * Marks buffers of a thread's output to be transferred instead of copied. Each must be a whole ArrayBuffer:
 * small Buffers of Node share one.
 */
export function moved<Output extends object>(
  output: Output,
  buffers: readonly ArrayBuffer[],
): Output {
  const movable = { [transferableSymbol]: [...buffers], [valueSymbol]: output };
  // The library's types allow one object; it also accepts an array.
  return move(movable as unknown as ArrayBuffer) as unknown as Output;
}
