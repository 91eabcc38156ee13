import { useState } from 'react';
import { useChange } from '../../api/use-op.ts';
import { useBusinessId } from '../../app-shell/business.ts';
import { Button } from '../../ui/button.tsx';
import { Field, Options, SelectField } from '../../ui/forms/field.tsx';
import { DialogForm } from '../../ui/forms/form.tsx';
import { Dialog } from '../../ui/overlays/dialog.tsx';
import { completeOptions, type Texts } from './connection.ts';
import { OptionFields, SecretFields, trimmed } from './connection-fields.tsx';
import { ConnectionUrl, OwnSecrets, Steps } from './instructions.tsx';
import { guideOf, SOURCES, type SourceName } from './sources.ts';

interface Props {
  readonly onClose: () => void;
  readonly onCreated: (connectionId: string) => void;
}

interface Given {
  readonly source: SourceName;
  readonly name: string;
  readonly secrets: Texts;
  readonly options: Texts;
}

const startWith = (source: SourceName, name = guideOf(source).label): Given => ({
  source,
  name,
  secrets: {},
  options: completeOptions(source, {}),
});

export function NewConnection({ onClose, onCreated }: Props) {
  const businessId = useBusinessId();
  const [given, setGiven] = useState(() => startWith(SOURCES[0] ?? 'vapi'));
  const create = useChange('CreateConnection', ['GetConnections']);
  if (create.data) {
    const { ConnectionId, Url } = create.data;
    return <Created given={given} url={Url} onClose={() => onCreated(ConnectionId)} />;
  }
  const { source, name, secrets, options } = given;
  const onSource = (next: SourceName) =>
    // A name that the user gave is kept.
    setGiven(name === guideOf(source).label ? startWith(next) : startWith(next, name));
  const onSubmit = () =>
    create.mutate({
      businessId,
      Source: source,
      Name: name.trim(),
      Secrets: trimmed(secrets),
      Options: { ...options },
    });
  return (
    <Dialog title="New connection" isOpen isHeld={create.isPending} onClose={onClose} isWide>
      <DialogForm
        submit="Create connection"
        className="flex flex-col gap-4"
        isDisabled={name.trim() === ''}
        change={create}
        onSubmit={onSubmit}
        onCancel={onClose}
      >
        <SelectField
          label="Source"
          value={source}
          onText={(text) => onSource(text as SourceName)}
          hint="The engine or service whose calls come in."
        >
          <Options of={SOURCES.map((one) => [one, guideOf(one).label])} />
        </SelectField>
        <Field
          label="Name"
          dir="auto"
          value={name}
          onText={(text) => setGiven({ ...given, name: text })}
          maxLength={256}
          required
        />
        <OptionFields
          source={source}
          options={options}
          onChange={(next) => setGiven({ ...given, options: next })}
        />
        <SecretFields
          source={source}
          secrets={secrets}
          onChange={(next) => setGiven({ ...given, secrets: next })}
        />
      </DialogForm>
    </Dialog>
  );
}

interface CreatedProps {
  readonly given: Given;
  readonly url: string;
  readonly onClose: () => void;
}

function Created({ given, url, onClose }: CreatedProps) {
  const { source, secrets, options } = given;
  return (
    <Dialog
      title={`Set up ${guideOf(source).label}`}
      description="The connection exists. These steps let the source use it; its page shows the URL and the steps again."
      isOpen
      isHeld
      onClose={onClose}
      isWide
    >
      <h3 className="font-medium">URL</h3>
      <ConnectionUrl source={source} url={url} />
      <OwnSecrets source={source} secrets={trimmed(secrets)} />
      <h3 className="mt-4 mb-1.5 font-medium">Steps</h3>
      <Steps source={source} options={options} />
      <div className="mt-5 flex justify-end">
        <Button text="Done" look="primary" onClick={onClose} />
      </div>
    </Dialog>
  );
}
