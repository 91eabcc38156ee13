import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { Plus, Webhook as WebhookIcon } from 'lucide-react';
import { useState } from 'react';
import {
  useWebhooks,
  type Webhook,
  webhookName,
} from '../../app-shell/alerts/disabled-webhooks.tsx';
import { useBusinessId, useMay } from '../../app-shell/business.ts';
import { webhookLink } from '../../app-shell/links.ts';
import { Button } from '../../ui/button.tsx';
import { Empty } from '../../ui/notice.tsx';
import { Card, Page } from '../../ui/page.tsx';
import { PeopleNames } from '../people/people-names.tsx';
import { ReadOnly } from '../read-only.tsx';
import { dated, Row, Rows, Small } from '../rows.tsx';
import { NewWebhook } from './new-webhook.tsx';
import { WebhookBadges } from './webhook-badges.tsx';
import { WebhookPage } from './webhook-page.tsx';

export function WebhooksSection() {
  const { webhookId } = useParams({ strict: false });
  return webhookId === undefined ? (
    <WebhookList />
  ) : (
    <WebhookPage key={webhookId} webhookId={webhookId} />
  );
}

function WebhookList() {
  const businessId = useBusinessId();
  const mayChange = useMay()('Settings', 'Editing');
  const navigate = useNavigate();
  const list = useWebhooks();
  const [isCreating, setCreating] = useState(false);
  return (
    <Page
      title="Webhooks"
      lead="Addresses that receive events of this business as signed HTTP requests."
      actions={
        mayChange && (
          <Button icon={Plus} text="New webhook" look="primary" onClick={() => setCreating(true)} />
        )
      }
    >
      {!mayChange && <ReadOnly />}
      <Card title="Webhooks of this business">
        <PeopleNames>
          <Rows
            label="Webhooks"
            list={list}
            empty={
              <Empty icon={WebhookIcon} title="No webhooks yet">
                Create one to inform another system, such as a CRM, when a conversation starts or
                ends, a recording is ready or a call of a queue is done.
              </Empty>
            }
          >
            {(webhook) => <WebhookRow key={webhook.WebhookId} webhook={webhook} />}
          </Rows>
        </PeopleNames>
      </Card>
      {isCreating && (
        <NewWebhook
          onClose={() => setCreating(false)}
          onCreated={(id) => void navigate(webhookLink(businessId, id))}
        />
      )}
    </Page>
  );
}

function WebhookRow({ webhook }: { readonly webhook: Webhook }) {
  const businessId = useBusinessId();
  const { Url, Description, DisabledReason, Events } = webhook;
  return (
    <Row>
      <p className="flex flex-wrap items-center gap-2">
        <Link
          {...webhookLink(businessId, webhook.WebhookId)}
          className="min-w-0 leading-6 font-medium wrap-anywhere text-accent underline underline-offset-2"
          dir="auto"
        >
          {webhookName(webhook)}
        </Link>
        <WebhookBadges webhook={webhook} />
      </p>
      {Description.trim() !== '' && (
        <p dir="ltr" className="font-mono text-xs break-all">
          {Url}
        </p>
      )}
      {DisabledReason !== null && <p className="wrap-anywhere text-bad">{DisabledReason}</p>}
      <p className="text-ink-soft">{Events.join(', ')}</p>
      <Small
        parts={[
          dated('all requests failed since', webhook.FailingSince),
          dated('created', webhook.CreatedAt, webhook.CreatedBy),
        ]}
      />
    </Row>
  );
}
