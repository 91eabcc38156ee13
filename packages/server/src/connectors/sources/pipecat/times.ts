import { instantOf } from '../fields.ts';

/** Python writes some times without their zone, which is UTC. */
export const timeOf = (value: unknown): number | null =>
  typeof value === 'string' && /T\d\d:\d\d:\d\d(?:\.\d+)?$/.test(value)
    ? instantOf(`${value}Z`)
    : instantOf(value);
