import { Link, useParams } from '@tanstack/react-router';
import { ArrowLeft } from 'lucide-react';
import { useOp } from '../../api/use-op.ts';
import { visibleData } from '../../api/visible-data.ts';
import { useBusinessId } from '../../app-shell/business.ts';
import { buttonClass } from '../../ui/button.tsx';
import { Fact } from '../../ui/fact.tsx';
import { Card } from '../../ui/page.tsx';
import { CallActions } from './call-actions.tsx';
import { CallDetails } from './call-details.tsx';

const REFRESH_MILLISECONDS = 3_000;

export function OutboundCallPage() {
  const { queueId } = useParams({ from: '/inside/b/$businessId/outbound/$queueId' });
  const businessId = useBusinessId();
  const read = useOp(
    'GetOutboundQueue',
    { businessId, queueId },
    { refetchInterval: REFRESH_MILLISECONDS },
  );
  const data = visibleData(read);
  return (
    <CallDetails
      direction="outbound"
      call={data ?? null}
      number={data?.RecipientNumber ?? ''}
      error={read.error}
      onRetry={() => void read.refetch()}
      back={
        <Link to="/b/$businessId/outbound" params={{ businessId }} className={buttonClass('quiet')}>
          <ArrowLeft aria-hidden size={15} className="rtl:-scale-x-100" /> All calls
        </Link>
      }
      actions={data && <CallActions call={data} />}
      group={
        data?.CampaignId != null && (
          <Fact name="Campaign">
            <Link
              to="/b/$businessId/campaigns/$campaignId"
              params={{ businessId, campaignId: data.CampaignId }}
              className="text-accent underline underline-offset-2"
            >
              {data.CampaignId}
            </Link>
          </Fact>
        )
      }
    >
      {data && <Keys title="Variables" values={data.DynamicVariables} />}
      {data && <Keys title="Metadata" values={data.Metadata} />}
    </CallDetails>
  );
}

function Keys({
  title,
  values,
}: {
  readonly title: string;
  readonly values: Readonly<Record<string, unknown>>;
}) {
  const entries = Object.entries(values);
  if (entries.length === 0) return null;
  return (
    <Card title={title}>
      <dl className="flex flex-col gap-1.5">
        {entries.map(([name, value]) => (
          <Fact key={name} name={name}>
            {typeof value === 'string' ? value : JSON.stringify(value)}
          </Fact>
        ))}
      </dl>
    </Card>
  );
}
