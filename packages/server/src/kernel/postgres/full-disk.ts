/** Of Node: no space, no quota; of PostgreSQL: disk_full. */
const FULL_CODES: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT', '53100']);
/** What programs write that give no code, such as initdb. */
const FULL_TEXT = /no space left on device|disk quota exceeded/i;
const MAX_CAUSES = 8;

/** Whether an error, or what caused it, says that a disk is full. */
export function isFullDisk(error: unknown): boolean {
  let current = error;
  for (let depth = 0; depth < MAX_CAUSES && current instanceof Error; depth += 1) {
    if ('code' in current && FULL_CODES.has(current.code)) return true;
    if (FULL_TEXT.test(current.message)) return true;
    current = current.cause;
  }
  return false;
}
