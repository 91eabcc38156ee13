import { useShortcuts } from './shortcuts.ts';

/** Marks the links that `j` and `k` walk along: one to a row. */
export const ROW_LINK = 'data-row-link';

/** Lets `j` and `k` walk along the rows of a list. */
export function useRowKeys(): void {
  useShortcuts({ j: () => moveFocus(1), k: () => moveFocus(-1) });
}

/** Puts the focus on the next link of a row, from the first on where none has it. */
function moveFocus(step: 1 | -1): void {
  const links = [...document.querySelectorAll<HTMLElement>(`[${ROW_LINK}]`)];
  const at = links.indexOf(document.activeElement as HTMLElement);
  const next = at < 0 ? links[0] : links[Math.min(Math.max(at + step, 0), links.length - 1)];
  next?.focus();
  next?.scrollIntoView({ block: 'nearest' });
}
