import { useNavigate, useSearch } from '@tanstack/react-router';
import { PhoneIncoming } from 'lucide-react';
import { useOp } from '../api/use-op.ts';
import { useBusinessId } from '../frame/business.ts';
import { isFirstPage, Pager, pageInput } from '../frame/pager.tsx';
import { Button } from '../ui/button.tsx';
import { Empty, Failure, Loading } from '../ui/notice.tsx';
import { Page } from '../ui/page.tsx';
import { CallList } from './call-list.tsx';
import { FilterChips, StatusTabs } from './filters.tsx';
import { type CallsSearch, FILTER_KEYS, inboundFilter } from './search.ts';

const REFRESH_MILLISECONDS = 5_000;

/** Calls that came in and wait for a worker, or were answered. */
export function InboundPage() {
  const search = useSearch({ from: '/inside/b/$businessId/inbound' });
  const navigate = useNavigate({ from: '/b/$businessId/inbound' });
  const setSearch = (next: CallsSearch) => void navigate({ search: next });
  const businessId = useBusinessId();
  const { data, error, refetch, isPlaceholderData } = useOp(
    'GetInboundQueues',
    { businessId, Limit: 25, ...pageInput(search, inboundFilter(search)) },
    { keepPrevious: true, refetchInterval: isFirstPage(search) && REFRESH_MILLISECONDS },
  );
  const isFiltered = FILTER_KEYS.some((key) => search[key] !== undefined);
  return (
    <Page title="Inbound calls" lead="Who waits to be answered, and who was.">
      <StatusTabs direction="inbound" search={search} onChange={setSearch} />
      <FilterChips search={search} onChange={setSearch} />
      {error && <Failure error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Loading />}
      {data?.Items.length === 0 && (
        <Empty icon={PhoneIncoming} title={isFiltered ? 'No call is like that' : 'No calls yet'}>
          {isFiltered ? (
            <Button onClick={() => setSearch({})}>Clear all filters</Button>
          ) : (
            <p>A call appears here when your telephony reports it with ReceiveCall.</p>
          )}
        </Empty>
      )}
      {data && data.Items.length > 0 && (
        <>
          <div className="overflow-x-auto rounded-xl border border-line bg-surface">
            <CallList
              label="Inbound calls"
              groupLabel="Route"
              calls={data.Items.map((call) => ({
                ...call,
                number: call.CallerNumber,
                group: call.RouteId,
              }))}
              linkOf={(_call, children) => children}
            />
          </div>
          <Pager
            page={data}
            place={search}
            isComing={isPlaceholderData}
            onGo={(place) => setSearch({ ...search, ...place })}
          />
        </>
      )}
    </Page>
  );
}
