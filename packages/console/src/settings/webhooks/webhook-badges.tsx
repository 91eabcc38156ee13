import type { Webhook } from '../../app-shell/alerts/disabled-webhooks.tsx';
import { Badge } from '../../ui/badge.tsx';

export function WebhookBadges({ webhook }: { readonly webhook: Webhook }) {
  const { IsEnabled, DisabledReason, FailingSince, IncludeUnredacted } = webhook;
  return (
    <>
      {IsEnabled && FailingSince === null && <Badge tone="good">Enabled</Badge>}
      {IsEnabled && FailingSince !== null && <Badge tone="warn">Failing</Badge>}
      {!IsEnabled && <Badge tone={DisabledReason === null ? 'neutral' : 'bad'}>Disabled</Badge>}
      {IncludeUnredacted && <Badge tone="info">Unredacted</Badge>}
    </>
  );
}
