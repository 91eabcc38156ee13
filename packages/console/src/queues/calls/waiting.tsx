import { useOp } from '../../api/use-op.ts';
import { visibleData } from '../../api/visible-data.ts';
import { useBusinessId } from '../../app-shell/business.ts';
import { formatCount } from '../../ui/text/count.ts';
import { describeWait } from './reason-text.ts';

export function Waiting({ campaignId }: { readonly campaignId: string | undefined }) {
  const businessId = useBusinessId();
  const read = useOp(
    'SimulateOutboundQueue',
    {
      businessId,
      Hours: 1,
      MaxCalls: 0,
      ...(campaignId !== undefined && { CampaignIds: [campaignId] }),
    },
    { keepPrevious: true, refetchInterval: 30_000 },
  );
  const data = visibleData(read);
  if (!data || data.Waiting.length === 0) return null;
  return (
    <section aria-label="Why calls wait" className="text-ink-soft">
      <ul className="flex flex-wrap gap-x-5 gap-y-1">
        {data.Waiting.map(({ Reason, Calls }) => (
          <li key={Reason}>
            <strong className="font-semibold text-ink tabular">{formatCount(Calls)}</strong>{' '}
            {describeWait(Reason)}
          </li>
        ))}
      </ul>
      {!data.IsComplete && (
        <p className="mt-1 text-xs text-ink-faint">
          Of the {formatCount(data.Dialed + data.NotDialed)} calls that are due first; more are
          waiting.
        </p>
      )}
    </section>
  );
}
