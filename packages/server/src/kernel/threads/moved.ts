import { move, transferableSymbol, valueSymbol } from 'piscina';

/**
 * The output of a thread whose buffers are moved to the caller instead of copied. Each must be an
 * ArrayBuffer of its own: a small Buffer of Node shares one with others.
 */
export function moved<Output extends object>(
  output: Output,
  buffers: readonly ArrayBuffer[],
): Output {
  const movable = { [transferableSymbol]: [...buffers], [valueSymbol]: output };
  // The types of the library allow one moved object; it also accepts an array.
  return move(movable as unknown as ArrayBuffer) as unknown as Output;
}
