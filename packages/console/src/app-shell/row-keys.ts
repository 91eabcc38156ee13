import { useEffect } from 'react';
import { useShortcuts } from './shortcuts.ts';

export const ROW_LINK = 'data-row-link';

/** Shows the focus on the row of a focused link, which has no outline. */
export const ROW_FOCUS =
  'has-[[data-row-link]:focus-visible]:bg-accent-soft has-[[data-row-link]:focus-visible]:outline-2 has-[[data-row-link]:focus-visible]:-outline-offset-2 has-[[data-row-link]:focus-visible]:outline-accent';

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
/** The link of the row focused last; the focus continues there when the user comes back. */
let last: string | null = null;

function moveFocus(step: 1 | -1): void {
  const links = [...document.querySelectorAll<HTMLAnchorElement>(ROWS)];
  const focused = links.indexOf(document.activeElement as HTMLAnchorElement);
  const at = focused < 0 ? links.findIndex(({ href }) => href === last) : focused;
  const next = at < 0 ? links[0] : links[Math.min(Math.max(at + step, 0), links.length - 1)];
  next?.focus();
  next?.scrollIntoView({ block: 'nearest' });
}
