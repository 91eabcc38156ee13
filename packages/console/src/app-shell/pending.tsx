import { use } from 'react';
import { Loading } from '../ui/notice.tsx';
import { InFrame } from './in-app-shell.ts';

/** What stands where a page will be: below the frame if that is there; else what index.html shows before there is a script. */
export function Pending() {
  if (use(InFrame)) return <Loading />;
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
