import type { InputOf } from '@colloquy/sdk';
import { useState } from 'react';
import { BASE_URL } from '../../api/client.ts';
import { useChange } from '../../api/use-op.ts';
import { useBusinessId } from '../../app-shell/business.ts';
import { useSession } from '../../session/session.ts';
import { bind, Field, Options, SelectField } from '../../ui/forms/field.tsx';
import { DialogForm } from '../../ui/forms/form.tsx';
import { Dialog } from '../../ui/overlays/dialog.tsx';
import { useMembers } from '../people/people-names.tsx';
import type { Permissions } from '../people/roles.ts';
import { PermissionPicker } from './permission-picker.tsx';
import { CopyLine, SecretDialog } from './secret.tsx';

type GivenPermissions = NonNullable<InputOf<'CreateBusinessApiKey'>['Permissions']>;

const EXPIRIES = { '': 'Never', 30: 'In 30 days', 90: 'In 90 days', 365: 'In a year' } as const;
const DAY = 86_400_000;

export function NewKey({ onClose }: { readonly onClose: () => void }) {
  const businessId = useBusinessId();
  const { User: user } = useSession();
  // Owners and admins of the installation create their own keys.
  const others = useMembers().filter(
    ({ UserId, Role }) => UserId !== user.UserId && Role !== 'Owner',
  );
  const create = useChange('CreateBusinessApiKey', ['GetBusinessApiKeys']);
  const [given, setGiven] = useState({ name: '', days: '', userId: '' });
  const [permissions, setPermissions] = useState<Permissions | null>(null);
  const isNothing = permissions !== null && Object.keys(permissions).length === 0;
  if (create.data) {
    const { Key, Name, Permissions: held } = create.data;
    return (
      <SecretDialog
        title={`API key ${Name}`}
        secret={Key}
        warning="Copy it now: it is shown only once. Anyone who has it can use its permissions."
        onClose={onClose}
      >
        <h3 className="mt-4 font-medium">Try it</h3>
        <CopyLine text={curlLine(businessId, Key, held)} />
      </SecretDialog>
    );
  }
  const onSubmit = () =>
    create.mutate({
      businessId,
      Name: given.name,
      ...(permissions !== null && { Permissions: permissions as GivenPermissions }),
      ...(given.days !== '' && {
        ExpiresAt: new Date(Date.now() + Number(given.days) * DAY).toISOString(),
      }),
      ...(given.userId !== '' && { UserId: given.userId }),
    });
  const field = bind(given, setGiven);
  return (
    <Dialog title="New key" isOpen isHeld={create.isPending} onClose={onClose} isWide>
      <DialogForm
        submit="Create key"
        className="flex flex-col gap-4"
        isDisabled={isNothing}
        change={create}
        note={isNothing && <p className="me-auto text-ink-soft">Choose at least one permission.</p>}
        onSubmit={onSubmit}
        onCancel={onClose}
      >
        <Field
          label="Name"
          dir="auto"
          placeholder="Voice agent, production"
          {...field('name')}
          maxLength={1024}
          required
        />
        <PermissionPicker value={permissions} onChange={setPermissions} />
        <div className="grid grid-cols-1 gap-4 sm:grid-cols-2">
          <SelectField label="Expires" {...field('days')}>
            <Options of={Object.entries(EXPIRIES)} />
          </SelectField>
          {others.length > 0 && (
            <SelectField
              label="User"
              {...field('userId')}
              hint="The key may do no more than its user. Other Owners, and admins of the installation, create their own."
            >
              <option value="">You</option>
              <Options of={others.map(({ UserId, Name, Role }) => [UserId, `${Name} (${Role})`])} />
            </SelectField>
          )}
        </div>
      </DialogForm>
    </Dialog>
  );
}

function curlLine(businessId: number, key: string, permissions: Permissions | null): string {
  const held = permissions?.['Conversations.ConversationPermissions'] ?? [];
  const reads = permissions === null || held.includes('Retrieving') || held.includes('Full');
  const url = `${BASE_URL}/api/v1/business/${businessId}`;
  const call = `curl -H 'Authorization: Token ${key}'`;
  if (!reads) return `${call} ${url}`;
  return `${call} -H 'Content-Type: application/json' -d '{"Limit": 5}' ${url}/conversations`;
}
