import type { ReactNode } from 'react';

interface Props {
  readonly title: string;
  readonly children: ReactNode;
}

export function FactGroup({ title, children }: Props) {
  return (
    <section>
      <h2 className="mb-1.5 font-semibold">{title}</h2>
      <dl className="flex flex-col gap-1.5">{children}</dl>
    </section>
  );
}

export function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div className="flex gap-3">
      {/* As wide as its content, to begin beside its name in both writing directions. */}
      <dt className="w-28 shrink-0 text-ink-faint">
        <div className="w-fit max-w-full break-words" dir="auto">
          {name}
        </div>
      </dt>
      <dd className="min-w-0 flex-1">
        <div className="w-fit max-w-full break-words" dir="auto">
          {children}
        </div>
      </dd>
    </div>
  );
}
