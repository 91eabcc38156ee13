import { type ReactNode, useEffect } from 'react';

interface PageProps {
  readonly title: string;
  readonly actions?: ReactNode;
  readonly lead?: ReactNode;
  readonly children: ReactNode;
}

export function Page({ title, actions, lead, children }: PageProps) {
  useTitle(title);
  return (
    <div className="mx-auto flex w-full max-w-[110rem] flex-col gap-4 p-4 sm:p-6">
      <header className="flex flex-wrap items-start gap-x-4 gap-y-2">
        <div className="min-w-0 flex-1 basis-64">
          <h1 className="text-xl font-semibold tracking-tight wrap-anywhere">{title}</h1>
          {lead !== undefined && <div className="mt-0.5 text-ink-soft">{lead}</div>}
        </div>
        <Actions>{actions}</Actions>
      </header>
      {children}
    </div>
  );
}

interface CardProps {
  readonly title?: string;
  readonly lead?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

export function Card({ title, lead, actions, children }: CardProps) {
  return (
    <section className="rounded-xl border border-line bg-surface" aria-label={title}>
      {title !== undefined && (
        <header className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 pt-3 pb-1">
          <div className="min-w-0 flex-1 basis-48">
            <h2 className="font-semibold">{title}</h2>
            {lead !== undefined && <div className="text-ink-soft">{lead}</div>}
          </div>
          <Actions>{actions}</Actions>
        </header>
      )}
      <div className={title === undefined ? '' : 'px-4 pt-2 pb-4'}>{children}</div>
    </section>
  );
}

const Actions = ({ children }: { readonly children: ReactNode }) => (
  <div className="ms-auto flex flex-wrap items-center justify-end gap-2 empty:hidden">
    {children}
  </div>
);

export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Colloquy`;
  }, [title]);
}
