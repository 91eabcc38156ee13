import type { AnyRouter } from '@tanstack/react-router';

/**
 * Moves the focus to the heading of a page that somebody has gone to, or to all of the page where the heading is on
 * its way, so that keys go on from there and it is read out. What has the focus in the page already keeps it.
 */
export function focusPages(router: AnyRouter): void {
  router.subscribe('onRendered', ({ fromLocation, pathChanged }) => {
    if (fromLocation === undefined || !pathChanged) return;
    // A window that closes gives the focus back first.
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
