import { useState } from 'react';
import { useChange } from '../../api/use-op.ts';
import { useBusinessId } from '../../app-shell/business.ts';
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
import { WebhookSecret } from './webhook-secret.tsx';

const NOTHING: GivenWebhook = {
  url: '',
  description: '',
  events: ['conversation.completed'],
  headers: '',
  isEnabled: true,
  isUnredacted: false,
};

interface Props {
  readonly onClose: () => void;
  readonly onCreated: (webhookId: string) => void;
}

export function NewWebhook({ onClose, onCreated }: Props) {
  const businessId = useBusinessId();
  const [given, setGiven] = useState(NOTHING);
  const create = useChange('CreateWebhook', ['GetWebhooks']);
  if (create.data) {
    const { Secret, WebhookId } = create.data;
    return (
      <WebhookSecret
        title="Secret of the webhook"
        secret={Secret}
        onClose={() => onCreated(WebhookId)}
      />
    );
  }
  const onSubmit = () =>
    create.mutate({
      businessId,
      Url: given.url.trim(),
      Events: [...given.events],
      Description: given.description,
      Headers: { ...parseHeaders(given.headers).headers },
      IsEnabled: given.isEnabled,
      IncludeUnredacted: given.isUnredacted,
    });
  const fields = { given, onChange: setGiven };
  return (
    <Dialog title="New webhook" isOpen isHeld={create.isPending} onClose={onClose} isWide>
      <DialogForm
        submit="Create webhook"
        className="flex flex-col gap-4"
        isDisabled={!isComplete(given)}
        change={create}
        note={<EventNote given={given} />}
        onSubmit={onSubmit}
        onCancel={onClose}
      >
        <WebhookFields {...fields} />
        <HeadersField {...fields} />
        <SwitchFields {...fields} />
      </DialogForm>
    </Dialog>
  );
}
