import type { ReactNode } from 'react';
import { useTitle } from '../ui/page.tsx';

interface Props {
  readonly title: string;
  readonly lead?: ReactNode;
  readonly children: ReactNode;
}

export function SignedOutLayout({ title, lead, children }: Props) {
  useTitle(title);
  return (
    <main className="grid min-h-full place-items-center p-4">
      <div className="w-full max-w-sm">
        <div className="mb-6 flex items-center justify-center gap-2.5 text-lg font-semibold tracking-tight">
          <img src="./icon.svg" alt="" className="size-8" />
          Colloquy
        </div>
        <div className="rounded-xl border border-line bg-surface p-6 shadow-sm">
          <h1 className="text-lg font-semibold">{title}</h1>
          {lead !== undefined && <div className="mt-1 text-ink-soft">{lead}</div>}
          <div className="mt-4">{children}</div>
        </div>
      </div>
    </main>
  );
}
