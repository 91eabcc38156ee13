import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { ChevronRight, Megaphone, Plus } from 'lucide-react';
import { useState } from 'react';
import { useOp } from '../../api/use-op.ts';
import { visibleData } from '../../api/visible-data.ts';
import { useBusinessId, useMay } from '../../app-shell/business.ts';
import { campaignLink } from '../../app-shell/links.ts';
import { PageFailure } from '../../app-shell/pager.tsx';
import { ROW_FOCUS, ROW_LINK, useRowKeys } from '../../app-shell/row-keys.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button, buttonClass } from '../../ui/button.tsx';
import { Empty, Loading } from '../../ui/notice.tsx';
import { Dialog } from '../../ui/overlays/dialog.tsx';
import { Page } from '../../ui/page.tsx';
import { formatCount } from '../../ui/text/count.ts';
import { CampaignForm, NEW_CAMPAIGN } from './campaign-form.tsx';
import { PauseButton } from './pause-button.tsx';

const SHOWN_STATUSES = ['Queued', 'Processing', 'Completed', 'Failed'] as const;

export function CampaignsPage() {
  const businessId = useBusinessId();
  const navigate = useNavigate();
  const may = useMay();
  const [isNew, setNew] = useState(false);
  const mayCall = may('MakeCall', 'Executing');
  useRowKeys();
  return (
    <Page
      title="Campaigns"
      lead="Groups of calls that share limits, calling hours and retries."
      actions={
        mayCall && (
          <Button icon={Plus} iconSize={15} look="primary" onClick={() => setNew(true)}>
            New campaign
          </Button>
        )
      }
    >
      {!mayCall && (
        <Empty icon={Megaphone} title="You do not have access to campaigns">
          Your role does not include making calls. Ask an Owner of the business for another role.
        </Empty>
      )}
      {mayCall && <CampaignCards />}
      {isNew && (
        <Dialog title="New campaign" isOpen isWide onClose={() => setNew(false)}>
          <CampaignForm
            campaign={NEW_CAMPAIGN}
            onClose={() => setNew(false)}
            onSaved={(campaignId) => void navigate(campaignLink(businessId, campaignId))}
          />
        </Dialog>
      )}
    </Page>
  );
}

function CampaignCards() {
  const businessId = useBusinessId();
  const { next: cursor } = useSearch({ from: '/inside/b/$businessId/campaigns' });
  const navigate = useNavigate({ from: '/b/$businessId/campaigns' });
  const read = useOp(
    'GetCampaigns',
    { businessId, Limit: 60, ...(cursor !== undefined && { NextCursor: cursor }) },
    { refetchInterval: 10_000, keepPrevious: true },
  );
  const { error, refetch, isPlaceholderData } = read;
  const data = visibleData(read);
  const isFirst = cursor === undefined;
  return (
    <>
      {error && (
        <PageFailure
          error={error}
          onRetry={() => void refetch()}
          onGo={({ next }) => void navigate({ search: { next } })}
        />
      )}
      {!data && !error && <Loading />}
      {data?.Items.length === 0 && (
        <Empty icon={Megaphone} title={isFirst ? 'No campaigns yet' : 'No more campaigns'}>
          {isFirst &&
            'A campaign sets when its calls may be made, how often they are retried and how many run at once.'}
        </Empty>
      )}
      {data && data.Items.length > 0 && (
        <ul className="grid grid-cols-1 gap-3 md:grid-cols-2 xl:grid-cols-3" aria-label="Campaigns">
          {data.Items.map((campaign) => (
            <li
              key={campaign.CampaignId}
              className={`relative flex flex-col rounded-xl border border-line bg-surface p-4 hover:bg-sunken ${ROW_FOCUS}`}
            >
              <div className="mb-2">
                <Link
                  {...campaignLink(businessId, campaign.CampaignId)}
                  {...{ [ROW_LINK]: '' }}
                  className="font-medium wrap-anywhere after:absolute after:inset-0 focus-visible:outline-none"
                  dir="auto"
                >
                  {campaign.Name}
                </Link>
              </div>
              <div className="flex min-h-8 items-center gap-2">
                {campaign.IsPaused && <Badge tone="warn">Paused</Badge>}
                <span className="relative z-10 ms-auto">
                  <PauseButton
                    campaignId={campaign.CampaignId}
                    isPaused={campaign.IsPaused}
                    name={campaign.Name}
                  />
                </span>
              </div>
              <dl className="mt-auto grid grid-cols-4 gap-2 pt-3">
                {SHOWN_STATUSES.map((status) => (
                  <div key={status}>
                    <dt className="truncate text-xs text-ink-faint">{status}</dt>
                    <dd className="font-semibold tabular">
                      {formatCount(campaign.Counts[status])}
                    </dd>
                  </div>
                ))}
              </dl>
            </li>
          ))}
        </ul>
      )}
      {data && !(isFirst && data.NextCursor === null) && (
        <nav aria-label="Pages" aria-busy={isPlaceholderData} className="flex justify-end gap-2">
          {!isFirst && (
            <Link to="/b/$businessId/campaigns" params={{ businessId }} className={buttonClass()}>
              First page
            </Link>
          )}
          {data.NextCursor !== null && (
            <Link
              to="/b/$businessId/campaigns"
              params={{ businessId }}
              search={{ next: data.NextCursor }}
              className={buttonClass()}
            >
              Next <ChevronRight aria-hidden size={14} className="rtl:-scale-x-100" />
            </Link>
          )}
        </nav>
      )}
    </>
  );
}
