import { useParams } from '@tanstack/react-router';
import { useOp } from '../../api/use-op.ts';
import { visibleData } from '../../api/visible-data.ts';
import { useBusinessId } from '../../app-shell/business.ts';
import { Fact } from '../../ui/fact.tsx';
import { CallDetails } from './call-details.tsx';

export function InboundCallPage() {
  const { queueId } = useParams({ from: '/inside/b/$businessId/inbound/$queueId' });
  const businessId = useBusinessId();
  const read = useOp('GetInboundQueue', { businessId, queueId }, { refetchInterval: 3_000 });
  const data = visibleData(read);
  return (
    <CallDetails
      direction="inbound"
      read={read}
      number={data ? data.CallerNumber.trim() || 'Withheld' : ''}
      group={data?.RouteId != null && <Fact name="Route">{data.RouteId}</Fact>}
    />
  );
}
