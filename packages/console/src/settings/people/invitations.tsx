import { useState } from 'react';
import { type ItemOf, useList } from '../../api/use-list.ts';
import { useChange } from '../../api/use-op.ts';
import { useBusinessId, useMay } from '../../app-shell/business.ts';
import { Badge } from '../../ui/badge.tsx';
import { Field, Options, SelectField } from '../../ui/forms/field.tsx';
import { DialogForm } from '../../ui/forms/form.tsx';
import { ConfirmButton } from '../../ui/overlays/confirm.tsx';
import { Dialog } from '../../ui/overlays/dialog.tsx';
import { Card } from '../../ui/page.tsx';
import { formatDateTime, useNow } from '../../ui/text/time.tsx';
import { SecretDialog } from '../api-keys/secret.tsx';
import { dated, Row, Rows, Small } from '../rows.tsx';
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
  const revoke = useChange('RevokeInvitation', ['GetInvitations']);
  const hasExpired = Date.parse(invitation.ExpiresAt) < useNow();
  return (
    <Row
      actions={
        may('People', 'Deleting') && (
          <ConfirmButton
            text="Revoke"
            label={`Revoke the invitation of ${invitation.Email}`}
            title="Revoke this invitation?"
            action="Revoke invitation"
            change={revoke}
            input={{ businessId, invitationId: invitation.InvitationId }}
          >
            The link for {invitation.Email} stops working.
          </ConfirmButton>
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
          dated('invited', invitation.CreatedAt, invitation.InvitedBy),
          dated(hasExpired ? 'expired' : 'expires', invitation.ExpiresAt),
        ]}
      />
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
  const onSubmit = () => invite.mutate({ businessId, Email: email, Role: role });
  return (
    <Dialog
      title="Invite someone"
      description="You get a link to pass on. They join with it, whether or not they have an account here. A new invitation replaces an earlier one for the same address."
      isOpen
      isHeld={invite.isPending}
      onClose={onClose}
    >
      <DialogForm
        submit="Create invitation link"
        change={invite}
        onSubmit={onSubmit}
        onCancel={onClose}
      >
        <Field
          label="Their e-mail"
          type="email"
          value={email}
          onText={setEmail}
          maxLength={254}
          required
        />
        <SelectField
          label="Role"
          value={role}
          onText={(text) => setRole(text as Role)}
          hint={ROLE_WORDS[role]}
        >
          <Options of={ROLES.map((one) => [one, one])} />
        </SelectField>
      </DialogForm>
    </Dialog>
  );
}
