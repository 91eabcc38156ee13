import { Link } from '@tanstack/react-router';
import { TriangleAlert } from 'lucide-react';
import { type ItemOf, type List, useList } from '../../api/use-list.ts';
import { useChange } from '../../api/use-op.ts';
import { Button, buttonClass } from '../../ui/button.tsx';
import { Failure } from '../../ui/notice.tsx';
import { useBusinessId, useMay } from '../business.ts';
import { webhookLink } from '../links.ts';

export type Webhook = ItemOf<'GetWebhooks'>;

const REFRESH_MILLISECONDS = 60_000;
/** A business has no more. */
const MAX_WEBHOOKS = 50;

export function useWebhooks(): List<Webhook> {
  const businessId = useBusinessId();
  return useList(
    'GetWebhooks',
    { businessId, Limit: MAX_WEBHOOKS },
    {
      enabled: useMay()('Settings', 'Retrieving'),
      refetchInterval: () => REFRESH_MILLISECONDS,
    },
  );
}

export const webhookName = ({ Description, Url }: Pick<Webhook, 'Description' | 'Url'>): string =>
  Description.trim() === '' ? Url : Description;

/** Webhooks that the server has disabled; those that a person disabled are no surprise. */
export function DisabledWebhooks({ className }: { readonly className?: string }) {
  const { items } = useWebhooks();
  const disabled = items?.filter(({ DisabledReason }) => DisabledReason !== null) ?? [];
  if (disabled.length === 0) return null;
  return (
    <ul aria-label="Disabled webhooks" className={className}>
      {disabled.map((webhook) => (
        <Alert key={webhook.WebhookId} webhook={webhook} />
      ))}
    </ul>
  );
}

function Alert({ webhook }: { readonly webhook: Webhook }) {
  const businessId = useBusinessId();
  const { WebhookId, DisabledReason } = webhook;
  const name = webhookName(webhook);
  return (
    <li className="mb-2 last:mb-0">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2 rounded-lg border border-warn/40 bg-warn-soft px-3 py-2 text-warn">
        <div className="flex min-w-0 flex-1 basis-64 items-start gap-2">
          <TriangleAlert aria-hidden size={16} className="mt-0.5 shrink-0" />
          <div className="min-w-0">
            <p className="font-medium wrap-anywhere">
              The webhook <bdi>{name}</bdi> is disabled.
            </p>
            <p className="wrap-anywhere">
              {DisabledReason} Events that happen meanwhile are not sent later.
            </p>
          </div>
        </div>
        <div className="flex flex-wrap gap-2">
          <Link
            {...webhookLink(businessId, WebhookId)}
            className={buttonClass()}
            aria-label={`View the webhook ${name}`}
          >
            View
          </Link>
          <EnableButton webhook={webhook} />
        </div>
      </div>
    </li>
  );
}

export function EnableButton({ webhook }: { readonly webhook: Webhook }) {
  const businessId = useBusinessId();
  const mayChange = useMay()('Settings', 'Editing');
  const enable = useChange('UpdateWebhook', ['GetWebhooks', 'GetWebhook']);
  if (!mayChange) return null;
  const { WebhookId: webhookId } = webhook;
  return (
    <>
      <Button
        isBusy={enable.isPending}
        aria-label={`Enable the webhook ${webhookName(webhook)}`}
        onClick={() => enable.mutate({ businessId, webhookId, IsEnabled: true })}
      >
        Enable
      </Button>
      {enable.error && <Failure error={enable.error} />}
    </>
  );
}
