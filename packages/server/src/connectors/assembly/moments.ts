import { MAX_INSTANT, MIN_INSTANT } from '../../kernel/instant.ts';
import type { Moment } from '../sources/source.ts';

export function instantAt(moment: Moment, startTime: number): number | null {
  if (moment === null) return null;
  const instant = typeof moment === 'number' ? moment : startTime + moment.sinceStart;
  if (Number.isNaN(instant)) return null;
  return Math.min(Math.max(Math.trunc(instant), MIN_INSTANT), MAX_INSTANT);
}
