import { useNavigate } from '@tanstack/react-router';
import { ChevronLeft, ChevronRight } from 'lucide-react';
import { useEffect, useState } from 'react';
import { hasReason } from '../api/failure.ts';
import { type Given, readText } from '../ui/browser/address.ts';
import { Button } from '../ui/button.tsx';
import { Failure } from '../ui/notice.tsx';
import { formatCount } from '../ui/text/count.ts';
import { computePosition, type ListPage } from './position.ts';
import { useShortcuts } from './shortcuts.ts';

export interface Place {
  readonly next?: string | undefined;
  readonly previous?: string | undefined;
  readonly at?: string | undefined;
}

export const readPlace = ({ next, previous, at }: Given): Place => ({
  next: readText(next),
  previous: readText(previous),
  at: typeof at === 'string' && /^\d{1,9}$/.test(at) ? at : undefined,
});

export const FIRST_PAGE: Place = { next: undefined, previous: undefined, at: undefined };

export const isFirstPage = ({ next, previous }: Place): boolean =>
  next === undefined && previous === undefined;

export function toPageInput<F extends object>({ next, previous }: Place, filter: F) {
  if (next !== undefined) return { NextCursor: next };
  if (previous !== undefined) return { PreviousCursor: previous };
  return { Filter: filter };
}

interface Paged extends ListPage {
  readonly NextCursor: string | null;
  readonly PreviousCursor: string | null;
  readonly PageSize: number;
}

interface PageFailureProps {
  readonly error: unknown;
  readonly onRetry: () => void;
  readonly onGo: (place: Place) => void;
}

/** An address may contain a cursor that has expired. */
export function PageFailure({ error, onRetry, onGo }: PageFailureProps) {
  if (!hasReason(error, 'INVALID_CURSOR')) return <Failure error={error} onRetry={onRetry} />;
  return (
    <Failure
      error={new Error('This page of the list is no longer available.')}
      retryLabel="Go to the first page"
      onRetry={() => onGo(FIRST_PAGE)}
    />
  );
}

interface PagerProps {
  readonly page: Paged;
  readonly place: Place;
  readonly isLoadingPage: boolean;
  readonly onGo: (place: Place) => void;
  readonly onPrefetch?: () => void;
}

export function Pager({ page, place, isLoadingPage, onGo, onPrefetch }: PagerProps) {
  const navigate = useNavigate();
  const now = computePosition(page, place.at);
  const [before, setBefore] = useState(now);
  if (!isLoadingPage && before !== now) setBefore(now);
  // Going back to the beginning leads to the first page, with rows that have arrived since.
  const isBackAtFirst = !isLoadingPage && place.previous !== undefined && !page.HasPreviousPage;
  useEffect(() => {
    if (!isBackAtFirst) return;
    void navigate({
      to: '.',
      search: (search: object) => ({ ...search, ...FIRST_PAGE }),
      replace: true,
    });
  }, [isBackAtFirst, navigate]);
  const go = (direction: 'next' | 'previous') => {
    const cursor = direction === 'next' ? page.NextCursor : page.PreviousCursor;
    if (cursor === null || isLoadingPage) return;
    const at = (before ?? 0) + (direction === 'next' ? page.Items.length : -page.PageSize);
    onGo({
      ...FIRST_PAGE,
      [direction]: cursor,
      at: before === null ? undefined : String(Math.max(at, 0)),
    });
  };
  useShortcuts({ ']': () => go('next'), '[': () => go('previous') });
  const count = page.Items.length;
  return (
    <nav aria-label="Pages" className="flex items-center gap-2">
      <p className="me-auto text-ink-soft tabular" role="status">
        {before === null
          ? `${formatCount(count)} of ${formatCount(page.TotalCount)}`
          : `${formatCount(before + 1)} to ${formatCount(before + count)} of ${formatCount(page.TotalCount)}`}
      </p>
      <Button disabled={!page.HasPreviousPage} onClick={() => go('previous')}>
        <ChevronLeft aria-hidden size={14} className="rtl:-scale-x-100" /> Previous
      </Button>
      <Button
        disabled={!page.HasNextPage}
        onClick={() => go('next')}
        onPointerEnter={onPrefetch}
        onFocus={onPrefetch}
      >
        Next <ChevronRight aria-hidden size={14} className="rtl:-scale-x-100" />
      </Button>
    </nav>
  );
}
