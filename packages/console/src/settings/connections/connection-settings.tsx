import { useNavigate } from '@tanstack/react-router';
import { KeyRound, Pause, Pencil, Play } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useChange } from '../../api/use-op.ts';
import { useBusinessId, useMay } from '../../app-shell/business.ts';
import { sectionLink } from '../../app-shell/links.ts';
import { Button } from '../../ui/button.tsx';
import { Failure } from '../../ui/notice.tsx';
import { ConfirmButton } from '../../ui/overlays/confirm.tsx';
import { Card } from '../../ui/page.tsx';
import { pluralize } from '../../ui/text/count.ts';
import { PeopleNames } from '../people/people-names.tsx';
import { dated } from '../rows.tsx';
import { type Connection, completeOptions } from './connection.ts';
import { EditConnection } from './edit-connection.tsx';
import { RotateSecrets } from './rotate-secrets.tsx';
import { guideOf, optionValueText, optionWords, secretWords } from './sources.ts';

interface Props {
  readonly connection: Connection;
}

export function ConnectionSettings({ connection }: Props) {
  const mayChange = useMay()('Settings', 'Editing');
  const [open, setOpen] = useState<'edit' | 'rotate' | null>(null);
  const close = () => setOpen(null);
  return (
    <Card
      title="Settings"
      actions={
        mayChange && (
          <>
            <PauseButton connection={connection} />
            <Button icon={Pencil} text="Edit" onClick={() => setOpen('edit')} />
            {connection.SecretNames.length > 0 && (
              <Button icon={KeyRound} text="Rotate secrets" onClick={() => setOpen('rotate')} />
            )}
            <DeleteButton connection={connection} />
          </>
        )
      }
    >
      <Facts connection={connection} />
      {open === 'edit' && <EditConnection connection={connection} onClose={close} />}
      {open === 'rotate' && <RotateSecrets connection={connection} onClose={close} />}
    </Card>
  );
}

function Facts({ connection }: Props) {
  const { Source, IsPaused, SecretNames, PreviousSecretsExpireAt, ErasedDeliveries } = connection;
  const options = Object.entries(completeOptions(Source, connection.Options));
  const secrets = SecretNames.map((name) => secretWords(Source, name).label);
  return (
    <dl className="grid grid-cols-1 gap-x-6 gap-y-2 sm:grid-cols-[auto_1fr] [&_dt]:text-ink-faint">
      <Fact name="Source">{guideOf(Source).label}</Fact>
      <Fact name="State">
        {IsPaused
          ? 'Paused: requests are stored, and their conversations are written when it is resumed'
          : 'Requests become conversations'}
      </Fact>
      {options.map(([name, value]) => (
        <Fact key={name} name={optionWords(Source, name).label}>
          {optionValueText(Source, name, value)}
        </Fact>
      ))}
      <Fact name="Secrets">
        {secrets.length === 0 ? 'None' : `${secrets.join(', ')}: set, not shown`}
        {PreviousSecretsExpireAt !== null && (
          <p className="text-ink-soft">
            {dated('The previous ones are accepted until', PreviousSecretsExpireAt)}
          </p>
        )}
      </Fact>
      <Fact name="Last request">
        {connection.LastReceivedAt === null ? 'None yet' : dated('', connection.LastReceivedAt)}
      </Fact>
      {ErasedDeliveries > 0 && (
        <Fact name="Not stored">
          {pluralize(ErasedDeliveries, 'request')} about erased conversations
        </Fact>
      )}
      <Fact name="Created">
        <PeopleNames>{dated('', connection.CreatedAt, connection.CreatedBy)}</PeopleNames>
      </Fact>
    </dl>
  );
}

interface FactProps {
  readonly name: string;
  readonly children: ReactNode;
}

const Fact = ({ name, children }: FactProps) => (
  <>
    <dt>{name}</dt>
    <dd className="min-w-0 wrap-anywhere max-sm:mb-1">{children}</dd>
  </>
);

function PauseButton({ connection: { ConnectionId, IsPaused } }: Props) {
  const businessId = useBusinessId();
  const update = useChange('UpdateConnection', [
    'GetConnections',
    'GetConnection',
    'GetConnectionDeliveries',
  ]);
  return (
    <>
      {update.error && <Failure error={update.error} />}
      <Button
        icon={IsPaused ? Play : Pause}
        text={IsPaused ? 'Resume' : 'Pause'}
        look={IsPaused ? 'primary' : 'plain'}
        isBusy={update.isPending}
        onClick={() =>
          update.mutate({ businessId, connectionId: ConnectionId, IsPaused: !IsPaused })
        }
      />
    </>
  );
}

function DeleteButton({ connection }: Props) {
  const businessId = useBusinessId();
  const navigate = useNavigate();
  const remove = useChange('DeleteConnection', ['GetConnections']);
  const leave = () => void navigate(sectionLink(businessId, 'connections'));
  return (
    <ConfirmButton
      text="Delete"
      label="Delete the connection"
      title={`Delete ${connection.Name}?`}
      action="Delete connection"
      change={{
        ...remove,
        mutate: (input, { onSuccess }) =>
          remove.mutate(input, {
            onSuccess: () => {
              onSuccess();
              leave();
            },
          }),
      }}
      input={{ businessId, connectionId: connection.ConnectionId }}
    >
      Further requests of {guideOf(connection.Source).label} are refused. Conversations stay;
      requests that are in no conversation are deleted. This cannot be undone.
    </ConfirmButton>
  );
}
