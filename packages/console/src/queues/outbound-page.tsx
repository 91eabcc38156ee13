import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { PhoneOutgoing, Plus } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { useOp } from '../api/use-op.ts';
import { useBusinessId, useMay } from '../frame/business.ts';
import { isFirstPage, Pager, pageInput } from '../frame/pager.tsx';
import { ROW_LINK } from '../frame/row-keys.ts';
import { Button } from '../ui/button.tsx';
import { Empty, Failure, Loading } from '../ui/notice.tsx';
import { Page } from '../ui/page.tsx';
import { CallActions } from './call-actions.tsx';
import { CallList } from './call-list.tsx';
import { FilterChips, StatusTabs } from './filters.tsx';
import { type CallsSearch, FILTER_KEYS, outboundFilter } from './search.ts';

const NewCalls = lazy(() =>
  import('./new-calls.tsx').then(({ NewCalls }) => ({ default: NewCalls })),
);
const REFRESH_MILLISECONDS = 5_000;

/** Calls that are to be made, are being made and were made. */
export function OutboundPage() {
  const search = useSearch({ from: '/inside/b/$businessId/outbound' });
  const navigate = useNavigate({ from: '/b/$businessId/outbound' });
  const setSearch = (next: CallsSearch) => void navigate({ search: next });
  const businessId = useBusinessId();
  const may = useMay();
  const [isNew, setNew] = useState(false);
  const { data, error, refetch, isPlaceholderData } = useOp(
    'GetOutboundQueues',
    { businessId, Limit: 25, ...pageInput(search, outboundFilter(search)) },
    { keepPrevious: true, refetchInterval: isFirstPage(search) && REFRESH_MILLISECONDS },
  );
  const isFiltered = FILTER_KEYS.some((key) => search[key] !== undefined);
  return (
    <Page
      title="Outbound calls"
      lead="What is due, running and waiting, and why."
      actions={
        may('MakeCall', 'Executing') && (
          <Button look="primary" onClick={() => setNew(true)}>
            <Plus aria-hidden size={15} /> New calls
          </Button>
        )
      }
    >
      <StatusTabs direction="outbound" search={search} onChange={setSearch} />
      <FilterChips search={search} onChange={setSearch} />
      {error && <Failure error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Loading />}
      {data?.Items.length === 0 && (
        <Empty icon={PhoneOutgoing} title={isFiltered ? 'No call is like that' : 'No calls yet'}>
          {isFiltered ? (
            <Button onClick={() => setSearch({})}>Clear all filters</Button>
          ) : (
            <p>Put one in, or many as a CSV file. A worker takes each when its time has come.</p>
          )}
        </Empty>
      )}
      {data && data.Items.length > 0 && (
        <>
          <div className="overflow-x-auto rounded-xl border border-line bg-surface">
            <CallList
              label="Outbound calls"
              groupLabel="Campaign"
              calls={data.Items.map((call) => ({
                ...call,
                number: call.RecipientNumber,
                group: call.CampaignId,
              }))}
              actionsOf={({ QueueId }) => {
                const call = data.Items.find((one) => one.QueueId === QueueId);
                return call && <CallActions call={call} asMenu />;
              }}
              linkOf={({ QueueId }, children) => (
                <Link
                  to="/b/$businessId/outbound/$queueId"
                  params={{ businessId, queueId: QueueId }}
                  {...{ [ROW_LINK]: '' }}
                  className="after:absolute after:inset-0 focus-visible:outline-none"
                >
                  {children}
                </Link>
              )}
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
      {isNew && (
        <Suspense fallback={null}>
          <NewCalls onClose={() => setNew(false)} />
        </Suspense>
      )}
    </Page>
  );
}
