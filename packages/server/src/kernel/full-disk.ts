/** Node: no space, no quota; PostgreSQL: disk_full. */
const FULL_CODES: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT', '53100']);
/** For programs without error codes, such as initdb. */
const FULL_TEXT = /no space left on device|disk quota exceeded/i;
const MAX_CAUSES = 8;

export function isFullDisk(error: unknown): boolean {
  let current = error;
  for (let depth = 0; depth < MAX_CAUSES && current instanceof Error; depth += 1) {
    if ('code' in current && FULL_CODES.has(current.code)) return true;
    if (FULL_TEXT.test(current.message)) return true;
    current = current.cause;
  }
  return false;
}
