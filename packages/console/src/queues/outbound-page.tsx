import { useNavigate, useSearch } from '@tanstack/react-router';
import { PhoneOutgoing, Plus } from 'lucide-react';
import { Suspense, useState } from 'react';
import { useOp } from '../api/use-op.ts';
import { useBusinessId, useMay } from '../app-shell/business.ts';
import { isFirstPage, toPageInput } from '../app-shell/pager.tsx';
import { lazyPart } from '../ui/browser/lazy-part.ts';
import { Button } from '../ui/button.tsx';
import { Page } from '../ui/page.tsx';
import { CallActions } from './calls/call-actions.tsx';
import { CallPage } from './calls/call-page.tsx';
import { Waiting } from './calls/waiting.tsx';
import { type CallsSearch, FILTER_KEYS, parseStatuses, toOutboundFilter } from './search.ts';

const NewCalls = lazyPart(() => import('./enqueue/new-calls.tsx'), 'NewCalls');
const REFRESH_MILLISECONDS = 5_000;

/** The summary covers whole campaigns, so it is hidden for lists with other filters. */
const coversWholeCampaigns = (search: CallsSearch): boolean =>
  FILTER_KEYS.every((key) => key === 'campaign' || key === 'status' || search[key] === undefined) &&
  (search.status === undefined || parseStatuses(search.status).includes('Queued'));

export function OutboundPage() {
  const search = useSearch({ from: '/inside/b/$businessId/outbound' });
  const navigate = useNavigate({ from: '/b/$businessId/outbound' });
  const setSearch = (next: CallsSearch) => void navigate({ search: next });
  const businessId = useBusinessId();
  const mayCall = useMay()('MakeCall', 'Executing');
  const [isNew, setNew] = useState(false);
  const read = useOp(
    'GetOutboundQueues',
    { businessId, Limit: 25, ...toPageInput(search, toOutboundFilter(search)) },
    { keepPrevious: true, refetchInterval: isFirstPage(search) && REFRESH_MILLISECONDS },
  );
  return (
    <Page
      title="Outbound calls"
      lead="Calls that are due, running or waiting, and why."
      actions={
        mayCall && (
          <Button icon={Plus} iconSize={15} look="primary" onClick={() => setNew(true)}>
            New calls
          </Button>
        )
      }
    >
      <CallPage
        direction="outbound"
        label="Outbound calls"
        search={search}
        onSearch={setSearch}
        read={read}
        listedOf={(call) => ({ ...call, number: call.RecipientNumber, group: call.CampaignId })}
        summary={
          mayCall && coversWholeCampaigns(search) && <Waiting campaignId={search.campaign} />
        }
        icon={PhoneOutgoing}
        hint="Add one, or many from a CSV file. A worker takes each call when it is due."
        actionsOf={({ QueueId }) => {
          const call = read.data?.Items.find((one) => one.QueueId === QueueId);
          return call && <CallActions call={call} asMenu />;
        }}
      />
      {isNew && (
        <Suspense fallback={null}>
          <NewCalls onClose={() => setNew(false)} />
        </Suspense>
      )}
    </Page>
  );
}
