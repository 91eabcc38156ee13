import { useNavigate } from '@tanstack/react-router';
import { ChevronLeft, ChevronRight } from 'lucide-react';
import { useEffect, useState } from 'react';
import { hasReason } from '../api/failure.ts';
import { Button } from '../ui/button.tsx';
import { Failure } from '../ui/notice.tsx';
import { countText } from '../ui/text/count.ts';
import { type Positioned, positionOf } from './position.ts';
import { useShortcuts } from './shortcuts.ts';

/** Where in a list a page is, as its address has it. */
export interface Place {
  readonly next?: string | undefined;
  readonly previous?: string | undefined;
  /** How many come before the page, where that is known; it is only shown. */
  readonly at?: string | undefined;
}

export const FIRST_PAGE: Place = { next: undefined, previous: undefined, at: undefined };

export const isFirstPage = ({ next, previous }: Place): boolean =>
  next === undefined && previous === undefined;

/** What the API is asked with for the page of a place; a cursor carries its filter. */
export function pageInput<F extends object>({ next, previous }: Place, filter: F) {
  if (next !== undefined) return { NextCursor: next };
  if (previous !== undefined) return { PreviousCursor: previous };
  return { Filter: filter };
}

interface Paged extends Positioned {
  readonly NextCursor: string | null;
  readonly PreviousCursor: string | null;
  readonly PageSize: number;
}

/** Why a page of a list could not be read. An address may be older than the cursor in it is good. */
export function PageFailure({
  error,
  onRetry,
  onGo,
}: {
  readonly error: unknown;
  readonly onRetry: () => void;
  readonly onGo: (place: Place) => void;
}) {
  if (!hasReason(error, 'INVALID_CURSOR')) return <Failure error={error} onRetry={onRetry} />;
  return (
    <Failure
      error={new Error('This page of the list is no longer available.')}
      retryLabel="Go to the first page"
      onRetry={() => onGo(FIRST_PAGE)}
    />
  );
}

/** Which page is shown, and the ways to those beside it; `[` and `]` are its keys. */
export function Pager({
  page,
  place,
  isComing,
  onGo,
  onNextLikely,
}: {
  readonly page: Paged;
  readonly place: Place;
  /** True while the page that the address names is on its way, and another one is shown. */
  readonly isComing: boolean;
  readonly onGo: (place: Place) => void;
  /** Somebody is about to go to the next page. */
  readonly onNextLikely?: () => void;
}) {
  const navigate = useNavigate();
  const now = positionOf(page, place.at);
  const [before, setBefore] = useState(now);
  if (!isComing && before !== now) setBefore(now);
  // Whoever walks back to the beginning is on the first page, with all that has come in since.
  const isBackAtFirst = !isComing && place.previous !== undefined && !page.HasPreviousPage;
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
    if (cursor === null || isComing) return;
    const at = (before ?? 0) + (direction === 'next' ? page.Items.length : -page.PageSize);
    onGo({
      ...FIRST_PAGE,
      [direction]: cursor,
      at: before === null ? undefined : String(Math.max(at, 0)),
    });
  };
  useShortcuts({ ']': () => go('next'), '[': () => go('previous') });
  const shown = page.Items.length;
  return (
    <nav aria-label="Pages" className="flex items-center gap-2">
      <p className="me-auto text-ink-soft tabular" role="status">
        {before === null
          ? `${countText(shown)} of ${countText(page.TotalCount)}`
          : `${countText(before + 1)} to ${countText(before + shown)} of ${countText(page.TotalCount)}`}
      </p>
      <Button disabled={!page.HasPreviousPage} onClick={() => go('previous')}>
        <ChevronLeft aria-hidden size={14} className="rtl:-scale-x-100" /> Previous
      </Button>
      <Button
        disabled={!page.HasNextPage}
        onClick={() => go('next')}
        onPointerEnter={onNextLikely}
        onFocus={onNextLikely}
      >
        Next <ChevronRight aria-hidden size={14} className="rtl:-scale-x-100" />
      </Button>
    </nav>
  );
}
