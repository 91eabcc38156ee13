import { useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { MessagesSquare, SlidersHorizontal } from 'lucide-react';
import { useCallback, useEffect } from 'react';
import { isForbidden } from '../api/failure.ts';
import { useIsLive } from '../api/live.ts';
import { opQuery, useOp } from '../api/use-op.ts';
import { useBusinessId } from '../app-shell/business.ts';
import {
  FIRST_PAGE,
  isFirstPage,
  PageFailure,
  Pager,
  type Place,
  toPageInput,
} from '../app-shell/pager.tsx';
import { useLocalStorage } from '../ui/browser/use-local-storage.ts';
import { useMedia, WIDE } from '../ui/browser/use-media.ts';
import { Button, buttonClass } from '../ui/button.tsx';
import type { Edits } from '../ui/forms/field.tsx';
import { Empty, Loading } from '../ui/notice.tsx';
import { Menu, MenuCheck, MenuChoice, MenuLabel } from '../ui/overlays/menu.tsx';
import { Page } from '../ui/page.tsx';
import { formatCount } from '../ui/text/count.ts';
import { useNow } from '../ui/text/time.tsx';
import { COLUMN_NAMES, LINK_COLUMN, SHOWN_COLUMNS } from './columns.tsx';
import { ConversationList } from './conversation-list.tsx';
import { isLive, LIVE } from './facts.ts';
import { FilterBar } from './filter-bar.tsx';
import { SavedViews } from './saved-views.tsx';
import { type ConversationsSearch, hasFilter, SIZES, toFilter } from './search.ts';

const ROUTE = '/inside/b/$businessId/conversations';
const REFRESH_MILLISECONDS = 10_000;
const MINUTE = 60_000;

export function ConversationsPage() {
  const search = useSearch({ from: ROUTE });
  const navigate = useNavigate({ from: '/b/$businessId/conversations' });
  const setSearch = (next: ConversationsSearch) => void navigate({ search: next });
  const go = (place: Place) => setSearch({ ...search, ...place });
  const { page, live, fetchNext } = useConversations(search);
  const { error, refetch } = page;
  const data = isForbidden(error) ? undefined : page.data;
  const pinned = new Set(live.map(({ Id }) => Id));
  const items = data?.Items.filter(({ Id }) => !pinned.has(Id)) ?? [];
  const isEmpty = data !== undefined && items.length === 0 && live.length === 0;
  return (
    <Page
      title="Conversations"
      lead={data && <Count total={data.TotalCount} isFiltered={hasFilter(search)} />}
      actions={
        <>
          <SavedViews search={search} onChange={setSearch} />
          <ViewMenu search={search} onChange={setSearch} />
        </>
      }
    >
      <FilterBar search={search} onChange={setSearch} />
      {error && <PageFailure error={error} onRetry={() => void refetch()} onGo={go} />}
      {!data && !error && <Loading />}
      {isEmpty &&
        (hasFilter(search) ? (
          <Empty icon={MessagesSquare} title="No matching conversations">
            <p className="mb-3">Remove a filter or widen the time range.</p>
            <Button onClick={() => setSearch({ size: search.size })}>Clear all filters</Button>
          </Empty>
        ) : (
          <NoConversations />
        ))}
      {data && !isEmpty && (
        <>
          <div
            className="overflow-x-auto rounded-xl border border-line bg-surface"
            aria-busy={page.isPlaceholderData}
          >
            <ConversationList live={live} others={items} />
          </div>
          <Pager
            page={data}
            place={search}
            isLoadingPage={page.isPlaceholderData}
            onGo={go}
            onPrefetch={fetchNext}
          />
        </>
      )}
    </Page>
  );
}

function useConversations(search: ConversationsSearch) {
  const businessId = useBusinessId();
  const queries = useQueryClient();
  // Rounded to a minute, to keep the query key for a minute.
  const minute = Math.floor(useNow() / MINUTE) * MINUTE;
  const Limit = Number(search.size ?? SIZES[0]);
  const filter = toFilter(search, minute);
  const isFirst = isFirstPage(search);
  const polls = !useIsLive() && REFRESH_MILLISECONDS;
  const input = { businessId, Limit, ...toPageInput(search, filter) };
  const page = useOp('GetConversations', input, {
    keepPrevious: true,
    refetchInterval: isFirst && polls,
  });
  const states = filter.SessionStates ?? null;
  const liveStates = LIVE.filter((status) => states === null || states.includes(status));
  const isPinned =
    isFirst && liveStates.length > 0 && (states === null || liveStates.length < states.length);
  const live = useOp(
    'GetConversations',
    { businessId, Limit: 20, Filter: { ...filter, SessionStates: liveStates } },
    { enabled: isPinned, refetchInterval: isPinned && polls },
  );
  const nextCursor = page.data?.NextCursor ?? null;
  const fetchNext = useCallback(() => {
    if (nextCursor === null) return;
    void queries.prefetchQuery(
      opQuery('GetConversations', { businessId, Limit, NextCursor: nextCursor }),
    );
  }, [queries, businessId, Limit, nextCursor]);
  // A business may log reads, so the next page is prefetched only for users who are paging.
  const isPaging = search.next !== undefined && !page.isPlaceholderData;
  useEffect(() => {
    if (isPaging) fetchNext();
  }, [isPaging, fetchNext]);
  if (!isPinned) return { page, live: [], fetchNext };
  const pinned = live.data?.Items ?? [];
  // The page may contain a conversation that the list of live ones does not have yet.
  const known = new Set(pinned.map(({ Id }) => Id));
  const newest = Date.parse(pinned[0]?.StartTime ?? '') || 0;
  const justBegun = (page.data?.Items ?? []).filter(
    ({ Id, Status, StartTime }) =>
      isLive(Status) && !known.has(Id) && Date.parse(StartTime) >= newest,
  );
  return { page, live: [...justBegun, ...pinned], fetchNext };
}

function NoConversations() {
  const businessId = useBusinessId();
  return (
    <Empty icon={MessagesSquare} title="No conversations yet">
      <p className="mb-3">They appear here as they happen, once your voice agent sends them.</p>
      <Link to="/b/$businessId/overview" params={{ businessId }} className={buttonClass('primary')}>
        Send your first conversation
      </Link>
    </Empty>
  );
}

function Count({ total, isFiltered }: { readonly total: number; readonly isFiltered: boolean }) {
  return (
    <span className="tabular">
      {formatCount(total)} {isFiltered ? (total === 1 ? 'matches' : 'match') : 'in total'}
    </span>
  );
}

function ViewMenu({ search, onChange }: Edits<'search', ConversationsSearch>) {
  const [columns, setColumns] = useLocalStorage(SHOWN_COLUMNS);
  const isTable = useMedia(WIDE);
  return (
    <Menu align="end" trigger={<Button icon={SlidersHorizontal}>View</Button>}>
      {isTable && (
        <>
          <MenuLabel>Columns</MenuLabel>
          <div className="grid grid-cols-2">
            {COLUMN_NAMES.filter((name) => name !== LINK_COLUMN).map((name) => (
              <MenuCheck
                key={name}
                isChecked={columns.includes(name)}
                onChange={(isChecked) =>
                  setColumns(
                    COLUMN_NAMES.filter((one) =>
                      one === name ? isChecked : columns.includes(one),
                    ),
                  )
                }
              >
                {name}
              </MenuCheck>
            ))}
          </div>
        </>
      )}
      <MenuLabel>Rows per page</MenuLabel>
      <MenuChoice
        values={SIZES.map((size) => ({ value: size, label: size }))}
        value={(search.size ?? SIZES[0]) as (typeof SIZES)[number]}
        onChange={(size) => onChange({ ...search, ...FIRST_PAGE, size })}
      />
    </Menu>
  );
}
