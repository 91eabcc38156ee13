import { Link, useNavigate } from '@tanstack/react-router';
import { ArrowLeft, FileX, KeyRound, Pencil, Send } from 'lucide-react';
import { useState } from 'react';
import { hasReason } from '../../api/failure.ts';
import { useChange, useOp } from '../../api/use-op.ts';
import { visibleData } from '../../api/visible-data.ts';
import {
  EnableButton,
  type Webhook,
  webhookName,
} from '../../app-shell/alerts/disabled-webhooks.tsx';
import { useBusinessId, useMay } from '../../app-shell/business.ts';
import { sectionLink, webhookLink } from '../../app-shell/links.ts';
import { Button, buttonClass } from '../../ui/button.tsx';
import { Empty, Failure, Loading } from '../../ui/notice.tsx';
import { ConfirmButton } from '../../ui/overlays/confirm.tsx';
import { Card, Page } from '../../ui/page.tsx';
import { PeopleNames } from '../people/people-names.tsx';
import { ReadOnly } from '../read-only.tsx';
import { dated } from '../rows.tsx';
import { Deliveries } from './deliveries.tsx';
import { EditWebhook } from './edit-webhook.tsx';
import { RotateSecret } from './rotate-secret.tsx';
import { WebhookBadges } from './webhook-badges.tsx';

const REFRESH_MILLISECONDS = 10_000;

export function WebhookPage({ webhookId }: { readonly webhookId: string }) {
  const businessId = useBusinessId();
  const mayChange = useMay()('Settings', 'Editing');
  const read = useOp(
    'GetWebhook',
    { businessId, webhookId },
    { refetchInterval: REFRESH_MILLISECONDS },
  );
  const webhook = visibleData(read);
  const { error, refetch } = read;
  const isGone = hasReason(error, 'NOT_FOUND');
  const failure = error && !isGone && <Failure error={error} onRetry={() => void refetch()} />;
  const back = (
    <Link {...sectionLink(businessId, 'webhooks')} className={buttonClass('quiet')}>
      <ArrowLeft aria-hidden size={15} className="rtl:-scale-x-100" /> All webhooks
    </Link>
  );
  if (!webhook) {
    return (
      <Page title="Webhook" actions={back}>
        {failure}
        {isGone && <Empty icon={FileX} title="No such webhook" />}
        {!error && <Loading />}
      </Page>
    );
  }
  return (
    <Page
      title={webhookName(webhook)}
      lead={
        <span className="flex flex-wrap items-center gap-2">
          <WebhookBadges webhook={webhook} />
          <span className="font-mono text-xs break-all">{webhook.WebhookId}</span>
        </span>
      }
      actions={
        <>
          {back}
          {mayChange && <TestButton webhookId={webhookId} />}
        </>
      }
    >
      {failure}
      {!mayChange && <ReadOnly />}
      <Settings webhook={webhook} />
      <Deliveries webhook={webhook} />
    </Page>
  );
}

function TestButton({ webhookId }: { readonly webhookId: string }) {
  const businessId = useBusinessId();
  const navigate = useNavigate();
  const test = useChange('TestWebhook', ['GetWebhookDeliveries', 'GetWebhook', 'GetWebhooks']);
  // A filter may hide the result.
  const onSuccess = () => void navigate(webhookLink(businessId, webhookId));
  return (
    <>
      <Button
        icon={Send}
        text="Send a test"
        look="primary"
        isBusy={test.isPending}
        onClick={() => test.mutate({ businessId, webhookId }, { onSuccess })}
      />
      <span role="status" className="text-ink-soft empty:hidden">
        {test.isSuccess && 'Test sent; see its delivery below.'}
      </span>
      {test.error && <Failure error={test.error} />}
    </>
  );
}

function Settings({ webhook }: { readonly webhook: Webhook }) {
  const mayChange = useMay()('Settings', 'Editing');
  const [open, setOpen] = useState<'edit' | 'rotate' | null>(null);
  const close = () => setOpen(null);
  const { FailingSince } = webhook;
  return (
    <Card
      title="Settings"
      actions={
        mayChange && (
          <>
            {!webhook.IsEnabled && <EnableButton webhook={webhook} />}
            <Button icon={Pencil} text="Edit" onClick={() => setOpen('edit')} />
            <Button icon={KeyRound} text="Rotate secret" onClick={() => setOpen('rotate')} />
            <DeleteButton webhook={webhook} />
          </>
        )
      }
    >
      <dl className="grid grid-cols-1 gap-x-6 gap-y-2 sm:grid-cols-[auto_1fr] [&_dt]:text-ink-faint">
        <dt>URL</dt>
        <dd dir="ltr" className="min-w-0 text-start font-mono text-xs leading-5 break-all">
          {webhook.Url}
        </dd>
        <dt>Events</dt>
        <dd className="min-w-0 wrap-anywhere">{webhook.Events.join(', ')}</dd>
        <dt>Headers</dt>
        <dd className="min-w-0 wrap-anywhere">
          {webhook.HeaderNames.length === 0 ? 'None' : webhook.HeaderNames.join(', ')}
        </dd>
        <dt>Data</dt>
        <dd>
          {webhook.IncludeUnredacted
            ? 'Unredacted, although redaction is on'
            : 'Redacted while redaction is on'}
        </dd>
        {FailingSince !== null && (
          <>
            <dt>Failing</dt>
            <dd className="text-bad">{dated('All requests have failed since', FailingSince)}</dd>
          </>
        )}
        <dt>Created</dt>
        <dd>
          <PeopleNames>{dated('', webhook.CreatedAt, webhook.CreatedBy)}</PeopleNames>
        </dd>
      </dl>
      {open === 'edit' && <EditWebhook webhook={webhook} onClose={close} />}
      {open === 'rotate' && <RotateSecret webhookId={webhook.WebhookId} onClose={close} />}
    </Card>
  );
}

function DeleteButton({ webhook }: { readonly webhook: Webhook }) {
  const businessId = useBusinessId();
  const navigate = useNavigate();
  const remove = useChange('DeleteWebhook', ['GetWebhooks']);
  const leave = () => void navigate(sectionLink(businessId, 'webhooks'));
  return (
    <ConfirmButton
      text="Delete"
      label="Delete the webhook"
      title={`Delete ${webhookName(webhook)}?`}
      action="Delete webhook"
      change={{
        ...remove,
        mutate: (input, { onSuccess }) =>
          remove.mutate(input, {
            onSuccess: () => {
              onSuccess();
              leave();
            },
          }),
      }}
      input={{ businessId, webhookId: webhook.WebhookId }}
    >
      It receives no more events, and its deliveries are deleted too. This cannot be undone.
    </ConfirmButton>
  );
}
