import { useState } from 'react';
import { hasReason } from '../../api/failure.ts';
import { useChange } from '../../api/use-op.ts';
import { useBusinessId } from '../../app-shell/business.ts';
import { DialogForm } from '../../ui/forms/form.tsx';
import { Dialog } from '../../ui/overlays/dialog.tsx';
import { formatDateTime } from '../../ui/text/time.tsx';
import { WebhookSecret } from './webhook-secret.tsx';

interface Props {
  readonly webhookId: string;
  readonly onClose: () => void;
}

export function RotateSecret({ webhookId, onClose }: Props) {
  const businessId = useBusinessId();
  const [mustForce, setMustForce] = useState(false);
  const rotate = useChange('RotateWebhookSecret');
  if (rotate.data) {
    const until = formatDateTime(Date.parse(rotate.data.PreviousExpiresAt));
    return (
      <WebhookSecret
        title="New secret of the webhook"
        secret={rotate.data.Secret}
        onClose={onClose}
      >
        <p className="mt-3">The previous secret also signs until {until}.</p>
      </WebhookSecret>
    );
  }
  const onSubmit = () =>
    rotate.mutate(
      { businessId, webhookId, Force: mustForce },
      { onError: (error) => setMustForce(hasReason(error, 'CONFLICT')) },
    );
  return (
    <Dialog
      title="Rotate the secret?"
      description="The webhook gets a new secret. For 24 hours each request has a signature of both secrets, so you can change the receiver over without losing a request."
      isOpen
      isHeld={rotate.isPending}
      onClose={onClose}
    >
      <DialogForm
        submit={mustForce ? 'Drop the oldest and rotate' : 'Rotate secret'}
        look={mustForce ? 'danger' : 'primary'}
        change={{ isPending: rotate.isPending, error: mustForce ? null : rotate.error }}
        onSubmit={onSubmit}
        onCancel={onClose}
      >
        {mustForce && (
          <p role="alert" className="rounded-lg bg-warn-soft px-3 py-2 text-warn">
            The last rotation was less than 24 hours ago, so two secrets sign now. If you rotate
            again, the oldest one stops signing at once: requests fail at a receiver that still uses
            it.
          </p>
        )}
      </DialogForm>
    </Dialog>
  );
}
