import { useState } from 'react';
import { useChange } from '../../api/use-op.ts';
import { useBusinessId } from '../../app-shell/business.ts';
import { Field } from '../../ui/forms/field.tsx';
import { DialogForm } from '../../ui/forms/form.tsx';
import { Dialog } from '../../ui/overlays/dialog.tsx';
import { type Connection, completeOptions } from './connection.ts';
import { OptionFields } from './connection-fields.tsx';

interface Props {
  readonly connection: Connection;
  readonly onClose: () => void;
}

export function EditConnection({ connection, onClose }: Props) {
  const businessId = useBusinessId();
  const { ConnectionId: connectionId, Source, Name, Options } = connection;
  const [before] = useState(() => ({ name: Name, options: completeOptions(Source, Options) }));
  const [{ name, options }, setGiven] = useState(before);
  const update = useChange('UpdateConnection', ['GetConnections', 'GetConnection']);
  const onSubmit = () => {
    const change = {
      ...(name.trim() !== before.name && { Name: name.trim() }),
      ...(options !== before.options && { Options: { ...options } }),
    };
    if (Object.keys(change).length === 0) return onClose();
    update.mutate({ businessId, connectionId, ...change }, { onSuccess: onClose });
  };
  return (
    <Dialog title="Edit the connection" isOpen isHeld={update.isPending} onClose={onClose}>
      <DialogForm
        submit="Save"
        className="flex flex-col gap-4"
        isDisabled={name.trim() === ''}
        change={update}
        onSubmit={onSubmit}
        onCancel={onClose}
      >
        <Field
          label="Name"
          dir="auto"
          value={name}
          onText={(text) => setGiven({ options, name: text })}
          maxLength={256}
          required
        />
        <OptionFields
          source={Source}
          options={options}
          onChange={(next) => setGiven({ name, options: next })}
        />
      </DialogForm>
    </Dialog>
  );
}
