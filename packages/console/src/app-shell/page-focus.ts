import type { AnyRouter } from '@tanstack/react-router';

/** Focuses the heading of a new page, or the page while loading, unless it took the focus. */
export function focusPages(router: AnyRouter): void {
  router.subscribe('onRendered', ({ fromLocation, pathChanged }) => {
    if (fromLocation === undefined || !pathChanged) return;
    // A closing dialog first returns the focus.
    setTimeout(() => {
      const main = document.querySelector('main');
      const focused = document.activeElement;
      if (main === null || main.contains(focused) || focused?.closest('[role=dialog]')) return;
      const start = main.querySelector('h1') ?? main;
      start.tabIndex = -1;
      start.style.outline = 'none';
      start.focus({ preventScroll: true });
    });
  });
}
