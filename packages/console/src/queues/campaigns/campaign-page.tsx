import type { OutputOf } from '@colloquy/sdk';
import { QUEUE_STATUS } from '@colloquy/wire';
import { Link, useParams } from '@tanstack/react-router';
import { ArrowLeft, FileX, Pencil } from 'lucide-react';
import { useState } from 'react';
import { hasReason } from '../../api/failure.ts';
import { useOp } from '../../api/use-op.ts';
import { visibleData } from '../../api/visible-data.ts';
import { useBusinessId, useMay } from '../../app-shell/business.ts';
import { outcomeText } from '../../conversations/facts.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button, buttonClass } from '../../ui/button.tsx';
import { Empty, Failure, Loading } from '../../ui/notice.tsx';
import { Dialog } from '../../ui/overlays/dialog.tsx';
import { Card, Page } from '../../ui/page.tsx';
import { formatCount } from '../../ui/text/count.ts';
import { LOCALE } from '../../ui/text/locale.ts';
import { useStatusCounts } from '../calls/status-counts.ts';
import { CampaignForm } from './campaign-form.tsx';
import { PauseButton } from './pause-button.tsx';
import { Simulation } from './simulation.tsx';
import { describeWindow } from './windows-field.tsx';

export function CampaignPage() {
  const { campaignId } = useParams({ from: '/inside/b/$businessId/campaigns/$campaignId' });
  const businessId = useBusinessId();
  const may = useMay();
  const [isEdited, setEdited] = useState(false);
  const read = useOp('GetCampaign', { businessId, campaignId }, { refetchInterval: 10_000 });
  const { error, refetch } = read;
  const data = visibleData(read);
  const isGone = hasReason(error, 'NOT_FOUND');
  const failure = error && !isGone && <Failure error={error} onRetry={() => void refetch()} />;
  const back = (
    <Link to="/b/$businessId/campaigns" params={{ businessId }} className={buttonClass('quiet')}>
      <ArrowLeft aria-hidden size={15} className="rtl:-scale-x-100" /> All campaigns
    </Link>
  );
  if (!data) {
    return (
      <Page title="Campaign" actions={back}>
        {failure}
        {isGone && <Empty icon={FileX} title="No such campaign" />}
        {!error && <Loading />}
      </Page>
    );
  }
  return (
    <Page
      title={data.Name}
      lead={
        <span className="flex flex-wrap items-center gap-2">
          <span className="font-mono text-xs break-all">{data.CampaignId}</span>
          {data.IsPaused && <Badge tone="warn">Paused</Badge>}
        </span>
      }
      actions={
        <>
          {back}
          {may('MakeCall', 'Executing') && (
            <>
              <PauseButton campaignId={campaignId} isPaused={data.IsPaused} />
              <Button icon={Pencil} iconSize={15} text="Edit" onClick={() => setEdited(true)} />
            </>
          )}
        </>
      }
    >
      {failure}
      <Counts campaignId={campaignId} />
      {may('MakeCall', 'Executing') && (
        <Simulation campaignId={campaignId} isPaused={data.IsPaused} />
      )}
      <Settings campaign={data} />
      {isEdited && (
        <Dialog title="Edit the campaign" isOpen isWide onClose={() => setEdited(false)}>
          <CampaignForm campaign={data} onClose={() => setEdited(false)} />
        </Dialog>
      )}
    </Page>
  );
}

function Counts({ campaignId }: { readonly campaignId: string }) {
  const businessId = useBusinessId();
  const counts = useStatusCounts('outbound', { campaign: campaignId });
  return (
    <dl className="grid grid-cols-3 gap-2 sm:grid-cols-6">
      {QUEUE_STATUS.names.map((status) => (
        <div key={status} className="relative rounded-lg border border-line bg-surface px-3 py-1.5">
          <dt className="text-xs text-ink-soft">{status}</dt>
          <dd className="text-lg font-semibold tabular">
            <Link
              to="/b/$businessId/outbound"
              params={{ businessId }}
              search={{ campaign: campaignId, status }}
              aria-label={`${counts[status]} ${status}`}
              className="after:absolute after:inset-0"
            >
              {counts[status]}
            </Link>
          </dd>
        </div>
      ))}
    </dl>
  );
}

const minutes = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 1 });

function retryText({
  MaxAttempts,
  DelaySeconds,
  Backoff,
  On,
}: NonNullable<OutputOf<'GetCampaign'>['Retry']>) {
  const apart = `${minutes.format(DelaySeconds / 60)} minutes apart`;
  const longer = Backoff === 'Exponential' ? ', twice as long each time' : '';
  return `${MaxAttempts} attempts, ${apart}${longer}, after: ${On.map(outcomeText).join(', ')}`;
}

function Settings({ campaign }: { readonly campaign: OutputOf<'GetCampaign'> }) {
  const { Windows, Retry, MaxConcurrent, MaxAttemptsPerNumberPerDay, AbandonAfterSeconds } =
    campaign;
  const facts: readonly (readonly [string, string])[] = [
    ['Concurrent calls', MaxConcurrent === null ? 'No limit' : formatCount(MaxConcurrent)],
    [
      'Attempts per number per day',
      MaxAttemptsPerNumberPerDay === null ? 'No limit' : formatCount(MaxAttemptsPerNumberPerDay),
    ],
    ['Silent calls end after', `${formatCount(AbandonAfterSeconds)} s`],
    [
      'Calling hours',
      Windows.length === 0 ? 'At any time' : Windows.map(describeWindow).join('; '),
    ],
    ['Retries', Retry === null ? 'None' : retryText(Retry)],
  ];
  return (
    <Card title="Settings">
      <dl className="flex flex-col gap-1.5">
        {facts.map(([name, text]) => (
          <div key={name} className="flex gap-3">
            <dt className="w-36 shrink-0 text-ink-faint">{name}</dt>
            <dd className="min-w-0 flex-1 break-words">{text}</dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}
