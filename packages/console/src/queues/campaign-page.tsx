import { Link, useParams } from '@tanstack/react-router';
import { ArrowLeft, FileX, Pause, Pencil, Play } from 'lucide-react';
import { useState } from 'react';
import { hasReason } from '../api/failure.ts';
import { useChange, useOp } from '../api/use-op.ts';
import { inWords } from '../conversations/facts.ts';
import { useBusinessId, useMay } from '../frame/business.ts';
import { Badge } from '../ui/badge.tsx';
import { Button, buttonClass } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Empty, Failure, Loading } from '../ui/notice.tsx';
import { Card, Page } from '../ui/page.tsx';
import { CampaignForm } from './campaign-form.tsx';
import { Simulation } from './simulation.tsx';

const STATUSES = ['Queued', 'Processing', 'Completed', 'Failed', 'Canceled', 'Expired'] as const;

/** One campaign: its calls, its settings, and what would be dialed when. */
export function CampaignPage() {
  const { campaignId } = useParams({ from: '/inside/b/$businessId/campaigns/$campaignId' });
  const businessId = useBusinessId();
  const may = useMay();
  const [isEdited, setEdited] = useState(false);
  const { data, error, refetch } = useOp('GetCampaign', { businessId, campaignId });
  const save = useChange('PutCampaign', ['GetCampaigns', 'GetCampaign']);
  const back = (
    <Link to="/b/$businessId/campaigns" params={{ businessId }} className={buttonClass('quiet')}>
      <ArrowLeft aria-hidden size={15} className="rtl:-scale-x-100" /> All campaigns
    </Link>
  );
  if (!data) {
    return (
      <Page title="Campaign" actions={back}>
        {hasReason(error, 'NOT_FOUND') ? (
          <Empty icon={FileX} title="No such campaign" />
        ) : error ? (
          <Failure error={error} onRetry={() => void refetch()} />
        ) : (
          <Loading />
        )}
      </Page>
    );
  }
  const setPaused = (IsPaused: boolean) => {
    const { CreatedAt: _, CampaignId: __, ...settings } = data;
    save.mutate({ ...settings, businessId, campaignId, IsPaused } as Parameters<
      typeof save.mutate
    >[0]);
  };
  return (
    <Page
      title={data.Name}
      lead={
        <span className="flex flex-wrap items-center gap-2">
          <span className="font-mono text-xs">{data.CampaignId}</span>
          {data.IsPaused && <Badge tone="warn">Paused</Badge>}
        </span>
      }
      actions={
        <>
          {back}
          {may('MakeCall', 'Executing') && (
            <>
              <Button isBusy={save.isPending} onClick={() => setPaused(!data.IsPaused)}>
                {data.IsPaused ? <Play aria-hidden size={15} /> : <Pause aria-hidden size={15} />}
                {data.IsPaused ? 'Resume' : 'Pause'}
              </Button>
              <Button onClick={() => setEdited(true)}>
                <Pencil aria-hidden size={15} /> Edit
              </Button>
            </>
          )}
        </>
      }
    >
      {save.error && <Failure error={save.error} />}
      <Counts campaignId={campaignId} />
      {may('MakeCall', 'Executing') && <Simulation campaignId={campaignId} />}
      <Settings campaign={data} />
      {isEdited && (
        <Dialog title="Edit the campaign" isOpen isWide onClose={() => setEdited(false)}>
          <CampaignForm
            campaign={data}
            onClose={() => setEdited(false)}
            onSaved={() => undefined}
          />
        </Dialog>
      )}
    </Page>
  );
}

function Counts({ campaignId }: { readonly campaignId: string }) {
  const businessId = useBusinessId();
  const { data } = useOp('GetCampaigns', { businessId, Limit: 100 }, { refetchInterval: 10_000 });
  const counts = data?.Items.find(({ CampaignId }) => CampaignId === campaignId)?.Counts;
  return (
    <dl className="grid grid-cols-3 gap-2 sm:grid-cols-6">
      {STATUSES.map((status) => (
        <div key={status} className="relative rounded-lg border border-line bg-surface px-3 py-1.5">
          <dt className="text-xs text-ink-soft">{status}</dt>
          <dd className="text-lg font-semibold tabular">
            <Link
              to="/b/$businessId/outbound"
              params={{ businessId }}
              search={{ campaign: campaignId, status }}
              aria-label={`${counts?.[status] ?? 0} ${status}`}
              className="after:absolute after:inset-0"
            >
              {counts ? counts[status].toLocaleString() : '–'}
            </Link>
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Settings({
  campaign,
}: {
  readonly campaign: NonNullable<ReturnType<typeof useOp<'GetCampaign'>>['data']>;
}) {
  const { Windows, Retry, MaxConcurrent, MaxAttemptsPerNumberPerDay } = campaign;
  const facts: readonly (readonly [string, string])[] = [
    ['Calls at once', MaxConcurrent === null ? 'No limit' : MaxConcurrent.toLocaleString()],
    [
      'Per number and day',
      MaxAttemptsPerNumberPerDay === null ? 'No limit' : `${MaxAttemptsPerNumberPerDay} attempts`,
    ],
    [
      'Windows',
      Windows.length === 0
        ? 'At any time'
        : Windows.map(({ Days, From, To }) => `${Days.join(' ')}, ${From} to ${To}`).join('; '),
    ],
    [
      'Another attempt',
      Retry === null
        ? 'None'
        : `${Retry.MaxAttempts} in all, ${Math.round(Retry.DelaySeconds / 60)} minutes apart, after: ${Retry.On.map(inWords).join(', ')}`,
    ],
  ];
  return (
    <Card title="Settings">
      <dl className="flex flex-col gap-1.5">
        {facts.map(([name, text]) => (
          <div key={name} className="flex gap-3">
            <dt className="w-36 shrink-0 text-ink-faint">{name}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}
