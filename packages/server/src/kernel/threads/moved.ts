import { move, transferableSymbol, valueSymbol } from 'piscina';

/** Marks whole ArrayBuffers of a thread's output to be transferred instead of copied. */
export function moved<Output extends object>(
  output: Output,
  buffers: readonly ArrayBuffer[],
): Output {
  const movable = { [transferableSymbol]: [...buffers], [valueSymbol]: output };
  // The library's types allow one object; it also accepts an array.
  return move(movable as unknown as ArrayBuffer) as unknown as Output;
}
