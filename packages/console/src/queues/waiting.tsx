import { useOp } from '../api/use-op.ts';
import { useBusinessId } from '../frame/business.ts';
import { reasonText } from './telling.ts';

const number = new Intl.NumberFormat();

/** What calls wait for, behind their number. */
const WHY: Readonly<Record<string, string>> = {
  OUTSIDE_WINDOW: 'outside their calling window',
  NUMBER_CAPPED: 'called often enough today',
  DO_NOT_CALL: 'will not be made: on the do-not-call list',
  NO_SLOT: 'due once others of their campaign are over',
  CAMPAIGN_PAUSED: 'in a paused campaign',
  EXPIRES: 'will expire before they can be made',
  LATER: 'due later',
};

/** How many of the calls that wait are due, and what the others wait for. */
export function Waiting({ campaignId }: { readonly campaignId: string | undefined }) {
  const businessId = useBusinessId();
  const { data } = useOp(
    'SimulateOutboundQueue',
    {
      businessId,
      Hours: 1,
      MaxCalls: 0,
      ...(campaignId !== undefined && { CampaignIds: [campaignId] }),
    },
    { keepPrevious: true, refetchInterval: 30_000 },
  );
  if (!data || data.Waiting.length === 0) return null;
  return (
    <section aria-label="Why calls wait" className="text-ink-soft">
      <ul className="flex flex-wrap gap-x-5 gap-y-1">
        {data.Waiting.map(({ Reason, Calls }) => (
          <li key={Reason}>
            <strong className="font-semibold text-ink tabular">{number.format(Calls)}</strong>{' '}
            {Reason === null ? 'due now' : (WHY[Reason] ?? reasonText(Reason))}
          </li>
        ))}
      </ul>
      {!data.IsComplete && (
        <p className="mt-1 text-xs text-ink-faint">
          Of the {number.format(data.Dialed + data.NotDialed)} that are due first; more wait.
        </p>
      )}
    </section>
  );
}
