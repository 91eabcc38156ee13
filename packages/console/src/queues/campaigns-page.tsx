import { Link, useNavigate } from '@tanstack/react-router';
import { Megaphone, Plus } from 'lucide-react';
import { useState } from 'react';
import { useOp } from '../api/use-op.ts';
import { useBusinessId, useMay } from '../frame/business.ts';
import { ROW_LINK, useRowKeys } from '../frame/row-keys.ts';
import { Badge } from '../ui/badge.tsx';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Empty, Failure, Loading } from '../ui/notice.tsx';
import { Page } from '../ui/page.tsx';
import { CampaignForm, NEW_CAMPAIGN } from './campaign-form.tsx';
import { PauseButton } from './pause-button.tsx';

const SHOWN = ['Queued', 'Processing', 'Completed', 'Failed'] as const;

/** Campaigns: calls that have limits, windows and retries in common. */
export function CampaignsPage() {
  const businessId = useBusinessId();
  const navigate = useNavigate();
  const may = useMay();
  const [isNew, setNew] = useState(false);
  const mayCall = may('MakeCall', 'Executing');
  /** The pages that are shown, by the cursors that lead to them. */
  const [cursors, setCursors] = useState<readonly (string | null)[]>([null]);
  useRowKeys();
  return (
    <Page
      title="Campaigns"
      lead="Calls with limits, windows and retries in common."
      actions={
        mayCall && (
          <Button look="primary" onClick={() => setNew(true)}>
            <Plus aria-hidden size={15} /> New campaign
          </Button>
        )
      }
    >
      {!mayCall && (
        <Empty icon={Megaphone} title="You may not see campaigns">
          Your role makes no calls. Ask an owner for another one.
        </Empty>
      )}
      {mayCall &&
        cursors.map((cursor, at) => (
          <CampaignCards
            key={cursor}
            cursor={cursor}
            onMore={
              at === cursors.length - 1 ? (next) => setCursors([...cursors, next]) : undefined
            }
          />
        ))}
      {isNew && (
        <Dialog title="New campaign" isOpen isWide onClose={() => setNew(false)}>
          <CampaignForm
            campaign={NEW_CAMPAIGN}
            onClose={() => setNew(false)}
            onSaved={(campaignId) =>
              void navigate({
                to: '/b/$businessId/campaigns/$campaignId',
                params: { businessId, campaignId },
              })
            }
          />
        </Dialog>
      )}
    </Page>
  );
}

function CampaignCards({
  cursor,
  onMore,
}: {
  readonly cursor: string | null;
  /** Of the last page only. */
  readonly onMore: ((cursor: string) => void) | undefined;
}) {
  const businessId = useBusinessId();
  const { data, error, refetch } = useOp(
    'GetCampaigns',
    { businessId, Limit: 60, ...(cursor !== null && { NextCursor: cursor }) },
    { refetchInterval: 10_000 },
  );
  const next = data?.NextCursor ?? null;
  return (
    <>
      {error && <Failure error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Loading />}
      {data?.Items.length === 0 && (
        <Empty icon={Megaphone} title="No campaigns yet">
          A campaign says when its calls may be made, how often they are tried and how many at once.
        </Empty>
      )}
      {data && data.Items.length > 0 && (
        <ul className="grid gap-3 md:grid-cols-2 xl:grid-cols-3" aria-label="Campaigns">
          {data.Items.map((campaign) => (
            <li
              key={campaign.CampaignId}
              className="relative rounded-xl border border-line bg-surface p-4 hover:bg-sunken has-[[data-row-link]:focus]:bg-accent-soft"
            >
              <div className="flex items-center gap-2">
                <Link
                  to="/b/$businessId/campaigns/$campaignId"
                  params={{ businessId, campaignId: campaign.CampaignId }}
                  {...{ [ROW_LINK]: '' }}
                  className="min-w-0 flex-1 truncate font-medium after:absolute after:inset-0 focus-visible:outline-none"
                  dir="auto"
                >
                  {campaign.Name}
                </Link>
                {campaign.IsPaused && <Badge tone="warn">Paused</Badge>}
                <span className="relative z-10">
                  <PauseButton
                    campaignId={campaign.CampaignId}
                    isPaused={campaign.IsPaused}
                    name={campaign.Name}
                  />
                </span>
              </div>
              <dl className="mt-3 grid grid-cols-4 gap-2">
                {SHOWN.map((status) => (
                  <div key={status}>
                    <dt className="truncate text-xs text-ink-faint">{status}</dt>
                    <dd className="font-semibold tabular">
                      {campaign.Counts[status].toLocaleString()}
                    </dd>
                  </div>
                ))}
              </dl>
            </li>
          ))}
        </ul>
      )}
      {onMore && next !== null && (
        <Button className="self-center" onClick={() => onMore(next)}>
          Show more
        </Button>
      )}
    </>
  );
}
