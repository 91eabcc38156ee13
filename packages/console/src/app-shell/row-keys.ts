import { useEffect } from 'react';
import { useShortcuts } from './shortcuts.ts';

/** Marks the links that `j` and `k` walk along: one to a row. */
export const ROW_LINK = 'data-row-link';

/** The classes by which a row shows that its link, which draws no outline of its own, has the focus. */
export const ROW_FOCUS =
  'has-[[data-row-link]:focus-visible]:bg-accent-soft has-[[data-row-link]:focus-visible]:outline-2 has-[[data-row-link]:focus-visible]:-outline-offset-2 has-[[data-row-link]:focus-visible]:outline-accent';

/** Lets `j` and `k` walk along the rows of a list. */
export function useRowKeys(): void {
  useShortcuts({ j: () => moveFocus(1), k: () => moveFocus(-1) });
  useEffect(() => {
    const onFocus = ({ target }: FocusEvent) => {
      if (target instanceof HTMLAnchorElement && target.matches(ROWS)) last = target.href;
    };
    document.addEventListener('focusin', onFocus);
    return () => document.removeEventListener('focusin', onFocus);
  }, []);
}

const ROWS = `[${ROW_LINK}]`;
/** Where the row that had the focus leads: whoever comes back from there goes on from it. */
let last: string | null = null;

/** Puts the focus on the next link of a row, from the first on where none has or had it. */
function moveFocus(step: 1 | -1): void {
  const links = [...document.querySelectorAll<HTMLAnchorElement>(ROWS)];
  const focused = links.indexOf(document.activeElement as HTMLAnchorElement);
  const at = focused < 0 ? links.findIndex(({ href }) => href === last) : focused;
  const next = at < 0 ? links[0] : links[Math.min(Math.max(at + step, 0), links.length - 1)];
  next?.focus();
  next?.scrollIntoView({ block: 'nearest' });
}
