import type { InputOf } from '@colloquy/sdk';
import { useState } from 'react';
import { useChange } from '../../api/use-op.ts';
import type { Webhook } from '../../app-shell/alerts/disabled-webhooks.tsx';
import { useBusinessId } from '../../app-shell/business.ts';
import { Check } from '../../ui/forms/check.tsx';
import { DialogForm } from '../../ui/forms/form.tsx';
import { Dialog } from '../../ui/overlays/dialog.tsx';
import { parseHeaders } from './headers.ts';
import {
  EventNote,
  type GivenWebhook,
  HeadersField,
  isComplete,
  SwitchFields,
  WebhookFields,
} from './webhook-fields.tsx';

interface Props {
  readonly webhook: Webhook;
  readonly onClose: () => void;
}

export function EditWebhook({ webhook, onClose }: Props) {
  const businessId = useBusinessId();
  const [before] = useState(() => toGiven(webhook));
  const [given, setGiven] = useState(before);
  const hasHeaders = webhook.HeaderNames.length > 0;
  const [replacesHeaders, setReplacesHeaders] = useState(!hasHeaders);
  const update = useChange('UpdateWebhook', ['GetWebhooks', 'GetWebhook']);
  const onSubmit = () => {
    const change = {
      ...toChange(before, given),
      ...(replacesHeaders &&
        (hasHeaders || given.headers !== '') && {
          Headers: { ...parseHeaders(given.headers).headers },
        }),
    };
    if (Object.keys(change).length === 0) return onClose();
    update.mutate({ businessId, webhookId: webhook.WebhookId, ...change }, { onSuccess: onClose });
  };
  const fields = { given, onChange: setGiven };
  return (
    <Dialog title="Edit the webhook" isOpen isHeld={update.isPending} onClose={onClose} isWide>
      <DialogForm
        submit="Save"
        className="flex flex-col gap-4"
        isDisabled={!isComplete(given)}
        change={update}
        note={<EventNote given={given} />}
        onSubmit={onSubmit}
        onCancel={onClose}
      >
        <WebhookFields {...fields} />
        {hasHeaders && (
          <Check
            layout="flex items-start gap-2"
            className="mt-0.5"
            checked={replacesHeaders}
            onCheck={setReplacesHeaders}
          >
            <span className="min-w-0">
              Replace the headers
              <span className="block break-words text-ink-soft">
                Now sent: {webhook.HeaderNames.join(', ')}. Without new ones they are removed.
              </span>
            </span>
          </Check>
        )}
        {replacesHeaders && <HeadersField {...fields} />}
        <SwitchFields {...fields} />
      </DialogForm>
    </Dialog>
  );
}

const toGiven = (webhook: Webhook): GivenWebhook => ({
  url: webhook.Url,
  description: webhook.Description,
  events: webhook.Events,
  headers: '',
  isEnabled: webhook.IsEnabled,
  isUnredacted: webhook.IncludeUnredacted,
});

/** Only what differs: a URL that is given again needs more permissions. */
function toChange(
  before: GivenWebhook,
  { url, events, description, isEnabled, isUnredacted }: GivenWebhook,
): Partial<InputOf<'UpdateWebhook'>> {
  const isSame =
    events.length === before.events.length &&
    events.every((event) => before.events.includes(event));
  return {
    ...(url.trim() !== before.url && { Url: url.trim() }),
    ...(!isSame && { Events: [...events] }),
    ...(description !== before.description && { Description: description }),
    ...(isEnabled !== before.isEnabled && { IsEnabled: isEnabled }),
    ...(isUnredacted !== before.isUnredacted && { IncludeUnredacted: isUnredacted }),
  };
}
