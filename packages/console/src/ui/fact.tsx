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
      <dt className="w-28 shrink-0 break-words text-ink-faint" dir="auto">
        {name}
      </dt>
      <dd className="min-w-0 flex-1 break-words" dir="auto">
        {children}
      </dd>
    </div>
  );
}
