import { shownOf } from '../../api/shown.ts';
import { useOp } from '../../api/use-op.ts';
import { useBusinessId } from '../../app-shell/business.ts';
import { countText } from '../../ui/text/count.ts';
import { waitText } from './telling.ts';

/** How many of the calls that wait are due, and what the others wait for. */
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
  const data = shownOf(read);
  if (!data || data.Waiting.length === 0) return null;
  return (
    <section aria-label="Why calls wait" className="text-ink-soft">
      <ul className="flex flex-wrap gap-x-5 gap-y-1">
        {data.Waiting.map(({ Reason, Calls }) => (
          <li key={Reason}>
            <strong className="font-semibold text-ink tabular">{countText(Calls)}</strong>{' '}
            {waitText(Reason)}
          </li>
        ))}
      </ul>
      {!data.IsComplete && (
        <p className="mt-1 text-xs text-ink-faint">
          Of the {countText(data.Dialed + data.NotDialed)} calls that are due first; more are
          waiting.
        </p>
      )}
    </section>
  );
}
