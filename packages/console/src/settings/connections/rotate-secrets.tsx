import { useState } from 'react';
import { useChange } from '../../api/use-op.ts';
import { useBusinessId } from '../../app-shell/business.ts';
import { Button } from '../../ui/button.tsx';
import { DialogForm } from '../../ui/forms/form.tsx';
import { Dialog } from '../../ui/overlays/dialog.tsx';
import { formatDateTime } from '../../ui/text/time.tsx';
import type { Connection, Texts } from './connection.ts';
import { SecretFields, trimmed } from './connection-fields.tsx';
import { OwnSecrets } from './instructions.tsx';
import { guideOf } from './sources.ts';

interface Props {
  readonly connection: Connection;
  readonly onClose: () => void;
}

export function RotateSecrets({ connection, onClose }: Props) {
  const businessId = useBusinessId();
  const { ConnectionId: connectionId, Source, PreviousSecretsExpireAt } = connection;
  const [secrets, setSecrets] = useState<Texts>({});
  const rotate = useChange('RotateConnectionSecret', ['GetConnections', 'GetConnection']);
  const { label } = guideOf(Source);
  if (rotate.data) {
    const until = formatDateTime(Date.parse(rotate.data.PreviousSecretsExpireAt));
    return (
      <Dialog title="Secrets rotated" isOpen isHeld onClose={onClose}>
        <p>
          Change {label} over to the new secrets. The previous ones are also accepted until {until}.
        </p>
        <OwnSecrets source={Source} secrets={trimmed(secrets)} />
        <div className="mt-5 flex justify-end">
          <Button text="Done" look="primary" onClick={onClose} />
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog
      title="Rotate the secrets"
      description={`For 24 hours, requests with the previous secrets are accepted too, so you can change ${label} over without losing a call.`}
      isOpen
      isHeld={rotate.isPending}
      onClose={onClose}
    >
      <DialogForm
        submit="Rotate secrets"
        className="flex flex-col gap-4"
        change={rotate}
        onSubmit={() => rotate.mutate({ businessId, connectionId, Secrets: trimmed(secrets) })}
        onCancel={onClose}
      >
        {PreviousSecretsExpireAt !== null && (
          <p className="rounded-lg bg-warn-soft px-3 py-2 text-warn">
            The last rotation was less than 24 hours ago. If you rotate again, the secrets before it
            stop at once.
          </p>
        )}
        <SecretFields source={Source} secrets={secrets} onChange={setSecrets} />
      </DialogForm>
    </Dialog>
  );
}
