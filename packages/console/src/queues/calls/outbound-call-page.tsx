import { Link, useParams } from '@tanstack/react-router';
import { useOp } from '../../api/use-op.ts';
import { visibleData } from '../../api/visible-data.ts';
import { useBusinessId } from '../../app-shell/business.ts';
import { campaignLink } from '../../app-shell/links.ts';
import { Fact } from '../../ui/fact.tsx';
import { Card } from '../../ui/page.tsx';
import { CallActions } from './call-actions.tsx';
import { CallDetails } from './call-details.tsx';

export function OutboundCallPage() {
  const { queueId } = useParams({ from: '/inside/b/$businessId/outbound/$queueId' });
  const businessId = useBusinessId();
  const read = useOp('GetOutboundQueue', { businessId, queueId }, { refetchInterval: 3_000 });
  const data = visibleData(read);
  return (
    <CallDetails
      direction="outbound"
      read={read}
      number={data?.RecipientNumber ?? ''}
      actions={data && <CallActions call={data} />}
      group={
        data?.CampaignId != null && (
          <Fact name="Campaign">
            <Link
              {...campaignLink(businessId, data.CampaignId)}
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

interface Props {
  readonly title: string;
  readonly values: Readonly<Record<string, unknown>>;
}

function Keys({ title, values }: Props) {
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
