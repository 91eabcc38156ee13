import { Link, useParams } from '@tanstack/react-router';
import { ArrowLeft } from 'lucide-react';
import { useOp } from '../../api/use-op.ts';
import { visibleData } from '../../api/visible-data.ts';
import { useBusinessId } from '../../app-shell/business.ts';
import { buttonClass } from '../../ui/button.tsx';
import { Fact } from '../../ui/fact.tsx';
import { CallDetails } from './call-details.tsx';

const REFRESH_MILLISECONDS = 3_000;

export function InboundCallPage() {
  const { queueId } = useParams({ from: '/inside/b/$businessId/inbound/$queueId' });
  const businessId = useBusinessId();
  const read = useOp(
    'GetInboundQueue',
    { businessId, queueId },
    { refetchInterval: REFRESH_MILLISECONDS },
  );
  const data = visibleData(read);
  return (
    <CallDetails
      direction="inbound"
      call={data ?? null}
      number={data ? data.CallerNumber.trim() || 'Withheld' : ''}
      error={read.error}
      onRetry={() => void read.refetch()}
      back={
        <Link to="/b/$businessId/inbound" params={{ businessId }} className={buttonClass('quiet')}>
          <ArrowLeft aria-hidden size={15} className="rtl:-scale-x-100" /> All calls
        </Link>
      }
      group={data?.RouteId != null && <Fact name="Route">{data.RouteId}</Fact>}
    />
  );
}
