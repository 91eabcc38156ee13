import type { ReactNode } from 'react';

/** Names and values under a heading. */
export function FactGroup({
  title,
  children,
}: {
  readonly title: string;
  readonly children: ReactNode;
}) {
  return (
    <section>
      <h2 className="mb-1.5 font-semibold">{title}</h2>
      <dl className="flex flex-col gap-1.5">{children}</dl>
    </section>
  );
}

/** A name and its value, in a list of such. */
export function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div className="flex gap-3">
      {/* As wide as what is in them, so that it begins beside its name in either direction. */}
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
