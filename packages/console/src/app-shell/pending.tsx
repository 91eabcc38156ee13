import { use } from 'react';
import { Loading } from '../ui/notice.tsx';
import { InAppShell } from './app-shell-context.ts';

/** Outside of the app shell it looks like index.html before the script has run. */
export function Pending() {
  if (use(InAppShell)) return <Loading />;
  return (
    <main className="grid h-full place-items-center">
      <p
        role="status"
        className="flex items-center gap-2.5 text-lg font-semibold tracking-tight animate-appear"
      >
        <img src="./icon.svg" alt="" className="size-8" />
        Colloquy
        <span className="sr-only">Loading…</span>
      </p>
    </main>
  );
}
