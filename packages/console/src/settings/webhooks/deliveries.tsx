import { useNavigate, useSearch } from '@tanstack/react-router';
import { Inbox, RotateCw } from 'lucide-react';
import { useState } from 'react';
import { type ItemOf, useList } from '../../api/use-list.ts';
import type { Webhook } from '../../app-shell/alerts/disabled-webhooks.tsx';
import { useBusinessId, useMay } from '../../app-shell/business.ts';
import { Button } from '../../ui/button.tsx';
import { Empty } from '../../ui/notice.tsx';
import { Card } from '../../ui/page.tsx';
import { Rows } from '../rows.tsx';
import type { SettingsSearch } from '../search.ts';
import { DeliveryFilterBar } from './delivery-filter.tsx';
import { DeliveryRow } from './delivery-row.tsx';
import { parseStatus, parseType } from './event-words.ts';
import { ReplayMany } from './replay-many.tsx';

type Delivery = ItemOf<'GetWebhookDeliveries'>;

/** Each may have bodies of 64 KiB. */
const PAGE_SIZE = 20;
const SOON_MILLISECONDS = 10_000;
const BUSY_MILLISECONDS = 2_000;
const IDLE_MILLISECONDS = 15_000;

export function Deliveries({ webhook }: { readonly webhook: Webhook }) {
  const businessId = useBusinessId();
  const mayChange = useMay()('Settings', 'Editing');
  const search = useSearch({ from: '/inside/b/$businessId/settings/webhooks/$webhookId' });
  const navigate = useNavigate({ from: '/b/$businessId/settings/webhooks/$webhookId' });
  const show = (next: SettingsSearch) => void navigate({ search: next, resetScroll: false });
  const [isReplaying, setReplaying] = useState(false);
  const filter = toFilter(search);
  const isFiltered = Object.keys(filter).length > 0;
  const list = useList(
    'GetWebhookDeliveries',
    { businessId, webhookId: webhook.WebhookId, Limit: PAGE_SIZE, ...filter },
    { refetchInterval: restOf },
  );
  return (
    <Card
      title="Deliveries"
      lead="Newest first. They are kept for 7 days, unless the server is set differently."
      actions={
        mayChange && (
          <Button icon={RotateCw} disabled={!webhook.IsEnabled} onClick={() => setReplaying(true)}>
            Replay many
          </Button>
        )
      }
    >
      {mayChange && !webhook.IsEnabled && (
        <p className="mb-3 text-ink-soft">Enable the webhook to replay its deliveries.</p>
      )}
      <DeliveryFilterBar key={JSON.stringify(search)} search={search} onChange={show} />
      <Rows
        label="Deliveries"
        list={list}
        empty={
          <Empty icon={Inbox} title={isFiltered ? 'No matching deliveries' : 'Nothing sent yet'}>
            {isFiltered ? (
              <Button onClick={() => show({})}>Clear the filter</Button>
            ) : (
              'Each event is shown here with the request and the answer of the receiver. Send a test to try the receiver.'
            )}
          </Empty>
        }
      >
        {(delivery) => (
          <DeliveryRow
            key={delivery.DeliveryId}
            webhook={webhook}
            delivery={delivery}
            onFilter={(conversation) => show({ conversation })}
          />
        )}
      </Rows>
      {isReplaying && (
        <ReplayMany
          webhookId={webhook.WebhookId}
          search={search}
          onClose={() => setReplaying(false)}
        />
      )}
    </Card>
  );
}

function toFilter({ status, type, conversation, from, to }: SettingsSearch) {
  const Status = parseStatus(status);
  const Type = parseType(type);
  return {
    ...(Status && { Status }),
    ...(Type && { Type }),
    ...(conversation !== undefined && { ConversationId: conversation }),
    ...(from !== undefined && { From: new Date(from).toISOString() }),
    ...(to !== undefined && { To: new Date(to).toISOString() }),
  };
}

/** Further pages are not read again, because of their size. */
function restOf(items: readonly Delivery[]): number | false {
  if (items.length > PAGE_SIZE) return false;
  const soon = Date.now() + SOON_MILLISECONDS;
  const isBusy = items.some(
    ({ NextAttemptAt }) => NextAttemptAt !== null && Date.parse(NextAttemptAt) < soon,
  );
  return isBusy ? BUSY_MILLISECONDS : IDLE_MILLISECONDS;
}
