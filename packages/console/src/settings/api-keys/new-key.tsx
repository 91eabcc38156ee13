import { type FormEvent, useState } from 'react';
import { BASE_URL } from '../../api/client.ts';
import { useChange } from '../../api/use-op.ts';
import { useBusinessId } from '../../app-shell/business.ts';
import { useSession } from '../../session/session.ts';
import { Button } from '../../ui/button.tsx';
import { Field, SelectField } from '../../ui/forms/field.tsx';
import { Failure } from '../../ui/notice.tsx';
import { Dialog } from '../../ui/overlays/dialog.tsx';
import { useMembers } from '../people/people-names.tsx';
import type { Permissions } from '../people/roles.ts';
import { PermissionPicker } from './permission-picker.tsx';
import { CopyLine, SecretDialog } from './secret.tsx';

/** Days; empty: never. */
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
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate({
      businessId,
      Name: given.name,
      ...(permissions !== null && { Permissions: mutable(permissions) }),
      ...(given.days !== '' && {
        ExpiresAt: new Date(Date.now() + Number(given.days) * DAY).toISOString(),
      }),
      ...(given.userId !== '' && { UserId: given.userId }),
    });
  };
  return (
    <Dialog title="New key" isOpen isHeld={create.isPending} onClose={onClose} isWide>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        <Field
          label="Name"
          dir="auto"
          placeholder="Voice agent, production"
          value={given.name}
          onChange={({ target }) => setGiven({ ...given, name: target.value })}
          maxLength={1024}
          required
        />
        <PermissionPicker value={permissions} onChange={setPermissions} />
        <div className="grid grid-cols-1 gap-4 sm:grid-cols-2">
          <SelectField
            label="Expires"
            value={given.days}
            onChange={({ target }) => setGiven({ ...given, days: target.value })}
          >
            {Object.entries(EXPIRIES).map(([days, label]) => (
              <option key={days} value={days}>
                {label}
              </option>
            ))}
          </SelectField>
          {others.length > 0 && (
            <SelectField
              label="User"
              value={given.userId}
              onChange={({ target }) => setGiven({ ...given, userId: target.value })}
              hint="The key may do no more than its user. Other Owners, and admins of the installation, create their own."
            >
              <option value="">You</option>
              {others.map(({ UserId, Name, Role }) => (
                <option key={UserId} value={UserId}>
                  {Name} ({Role})
                </option>
              ))}
            </SelectField>
          )}
        </div>
        {create.error && <Failure error={create.error} />}
        <div className="flex flex-wrap items-center justify-end gap-2">
          {isNothing && <p className="me-auto text-ink-soft">Choose at least one permission.</p>}
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" isBusy={create.isPending} disabled={isNothing}>
            Create key
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

const mutable = (permissions: Permissions) =>
  Object.fromEntries(
    Object.entries(permissions).map(([module, types]) => [module, [...(types ?? [])]]),
  );

function curlLine(businessId: number, key: string, permissions: Permissions | null): string {
  const held = permissions?.['Conversations.ConversationPermissions'] ?? [];
  const reads = permissions === null || held.includes('Retrieving') || held.includes('Full');
  const url = `${BASE_URL}/api/v1/business/${businessId}`;
  const call = `curl -H 'Authorization: Token ${key}'`;
  if (!reads) return `${call} ${url}`;
  return `${call} -H 'Content-Type: application/json' -d '{"Limit": 5}' ${url}/conversations`;
}
