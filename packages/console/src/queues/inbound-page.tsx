import { useNavigate, useSearch } from '@tanstack/react-router';
import { PhoneIncoming } from 'lucide-react';
import { useOp } from '../api/use-op.ts';
import { useBusinessId } from '../app-shell/business.ts';
import { isFirstPage, toPageInput } from '../app-shell/pager.tsx';
import { Page } from '../ui/page.tsx';
import { CallPage } from './calls/call-page.tsx';
import { toInboundFilter } from './search.ts';

const REFRESH_MILLISECONDS = 5_000;

export function InboundPage() {
  const search = useSearch({ from: '/inside/b/$businessId/inbound' });
  const navigate = useNavigate({ from: '/b/$businessId/inbound' });
  const businessId = useBusinessId();
  const read = useOp(
    'GetInboundQueues',
    { businessId, Limit: 25, ...toPageInput(search, toInboundFilter(search)) },
    { keepPrevious: true, refetchInterval: isFirstPage(search) && REFRESH_MILLISECONDS },
  );
  return (
    <Page title="Inbound calls" lead="Calls that are waiting to be answered, and past ones.">
      <CallPage
        direction="inbound"
        label="Inbound calls"
        search={search}
        onSearch={(next) => void navigate({ search: next })}
        read={read}
        listedOf={(call) => ({
          ...call,
          number: call.CallerNumber.trim() || 'Withheld',
          group: call.RouteId,
        })}
        icon={PhoneIncoming}
        hint="Calls appear here when your telephony reports them with ReceiveCall."
      />
    </Page>
  );
}
