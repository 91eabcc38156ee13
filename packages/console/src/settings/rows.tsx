import type { ReactNode } from 'react';
import type { List } from '../api/use-list.ts';
import { visibleData } from '../api/visible-data.ts';
import { Button } from '../ui/button.tsx';
import { Failure, Loading } from '../ui/notice.tsx';
import { Time } from '../ui/text/time.tsx';
import { Person } from './people/people-names.tsx';

interface RowsProps<Item> {
  readonly label: string;
  readonly list: List<Item>;
  readonly empty: ReactNode;
  readonly children: (item: Item) => ReactNode;
}

export function Rows<Item>({ label, list, empty, children }: RowsProps<Item>) {
  const { error, hasMore, isLoadingMore, loadMore, refetch } = list;
  const items = visibleData({ data: list.items ?? undefined, error });
  if (items === undefined) {
    return error == null ? <Loading /> : <Failure error={error} onRetry={refetch} />;
  }
  return (
    <>
      {error != null && <Failure error={error} onRetry={refetch} />}
      {items.length === 0 && !hasMore ? (
        empty
      ) : (
        <ul aria-label={label} className="divide-y divide-line">
          {items.map(children)}
        </ul>
      )}
      {hasMore && (
        <div className="flex justify-center pt-3">
          <Button isBusy={isLoadingMore} onClick={loadMore}>
            {isLoadingMore ? 'Loading…' : 'Show more'}
          </Button>
        </div>
      )}
    </>
  );
}

interface RowProps {
  readonly children: ReactNode;
  readonly actions?: ReactNode;
}

export function Row({ children, actions }: RowProps) {
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 py-2.5">
      <div className="min-w-0 flex-1 basis-40">{children}</div>
      {actions !== undefined && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
    </li>
  );
}

export const dated = (word: string, at: string | null, by: string | null = null) =>
  at !== null && (
    <>
      {word} <Time at={at} />
      {by !== null && ' by '}
      {by !== null && <Person id={by} />}
    </>
  );

export function Small({ parts }: { readonly parts: readonly ReactNode[] }) {
  return (
    <p className="flex flex-wrap gap-x-3 gap-y-0.5 text-xs text-ink-faint">
      {parts.map((part, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: parts do not move
        <span key={index} className="min-w-0 break-words empty:hidden" dir="auto">
          {part}
        </span>
      ))}
    </p>
  );
}
