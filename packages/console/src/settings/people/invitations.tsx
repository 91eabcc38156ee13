import { type FormEvent, useState } from 'react';
import { type ItemOf, useList } from '../../api/use-list.ts';
import { useChange } from '../../api/use-op.ts';
import { useBusinessId, useMay } from '../../app-shell/business.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Field, SelectField } from '../../ui/forms/field.tsx';
import { Failure } from '../../ui/notice.tsx';
import { Confirm } from '../../ui/overlays/confirm.tsx';
import { Dialog } from '../../ui/overlays/dialog.tsx';
import { Card } from '../../ui/page.tsx';
import { formatDateTime, Time, useNow } from '../../ui/text/time.tsx';
import { SecretDialog } from '../api-keys/secret.tsx';
import { Row, Rows, Small } from '../rows.tsx';
import { Person } from './people-names.tsx';
import { ROLE_WORDS, ROLES, type Role } from './roles.ts';

export function Invitations() {
  const businessId = useBusinessId();
  const list = useList('GetInvitations', { businessId, Limit: 50 });
  return (
    <Card title="Invitations" lead="Not accepted yet.">
      <Rows
        label="Invitations"
        list={list}
        empty={<p className="text-ink-soft">No open invitations.</p>}
      >
        {(invitation) => <InvitationRow key={invitation.InvitationId} invitation={invitation} />}
      </Rows>
    </Card>
  );
}

function InvitationRow({ invitation }: { readonly invitation: ItemOf<'GetInvitations'> }) {
  const businessId = useBusinessId();
  const may = useMay();
  const [isConfirming, setConfirming] = useState(false);
  const revoke = useChange('RevokeInvitation', ['GetInvitations']);
  const hasExpired = Date.parse(invitation.ExpiresAt) < useNow();
  return (
    <Row
      actions={
        may('People', 'Deleting') && (
          <Button
            look="danger"
            aria-label={`Revoke the invitation of ${invitation.Email}`}
            onClick={() => setConfirming(true)}
          >
            Revoke
          </Button>
        )
      }
    >
      <p className="flex flex-wrap items-center gap-2">
        <span className="min-w-0 break-all font-medium">{invitation.Email}</span>
        <Badge>{invitation.Role}</Badge>
        {hasExpired && <Badge tone="warn">Expired</Badge>}
      </p>
      <Small
        parts={[
          <>
            invited <Time at={invitation.CreatedAt} /> by <Person id={invitation.InvitedBy} />
          </>,
          <>
            {hasExpired ? 'expired' : 'expires'} <Time at={invitation.ExpiresAt} />
          </>,
        ]}
      />
      <Confirm
        title="Revoke this invitation?"
        action="Revoke invitation"
        isOpen={isConfirming}
        isBusy={revoke.isPending}
        error={revoke.error}
        onConfirm={() => revoke.mutate({ businessId, invitationId: invitation.InvitationId })}
        onClose={() => setConfirming(false)}
      >
        The link for {invitation.Email} stops working.
      </Confirm>
    </Row>
  );
}

export function InviteDialog({ onClose }: { readonly onClose: () => void }) {
  const businessId = useBusinessId();
  const [email, setEmail] = useState('');
  const [role, setRole] = useState<Role>('Viewer');
  const invite = useChange('CreateInvitation', ['GetInvitations']);
  if (invite.data) {
    return (
      <SecretDialog
        title={`Invitation for ${invite.data.Email}`}
        secret={invite.data.Url}
        warning={`Colloquy sends no e-mail: pass this link on yourself. It works once, until ${formatDateTime(Date.parse(invite.data.ExpiresAt))}, and is not shown again.`}
        onClose={onClose}
      />
    );
  }
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    invite.mutate({ businessId, Email: email, Role: role });
  };
  return (
    <Dialog
      title="Invite someone"
      description="You get a link to pass on. They join with it, whether or not they have an account here. A new invitation replaces an earlier one for the same address."
      isOpen
      isHeld={invite.isPending}
      onClose={onClose}
    >
      <form onSubmit={onSubmit} className="flex flex-col gap-3">
        <Field
          label="Their e-mail"
          type="email"
          value={email}
          onChange={({ target }) => setEmail(target.value)}
          maxLength={254}
          required
        />
        <SelectField
          label="Role"
          value={role}
          onChange={({ target }) => setRole(target.value as Role)}
          hint={ROLE_WORDS[role]}
        >
          {ROLES.map((one) => (
            <option key={one} value={one}>
              {one}
            </option>
          ))}
        </SelectField>
        {invite.error && <Failure error={invite.error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" isBusy={invite.isPending}>
            Create invitation link
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
