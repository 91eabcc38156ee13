import { UserPlus } from 'lucide-react';
import { useState } from 'react';
import { type ItemOf, useList } from '../../api/use-list.ts';
import { useChange } from '../../api/use-op.ts';
import { useSession } from '../../session/session.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { bind, Field } from '../../ui/forms/field.tsx';
import { DialogForm } from '../../ui/forms/form.tsx';
import { Failure } from '../../ui/notice.tsx';
import { Confirm } from '../../ui/overlays/confirm.tsx';
import { Dialog } from '../../ui/overlays/dialog.tsx';
import { Menu, MenuItem } from '../../ui/overlays/menu.tsx';
import { Card } from '../../ui/page.tsx';
import { formatDateTime } from '../../ui/text/time.tsx';
import { SecretDialog } from '../api-keys/secret.tsx';
import { dated, Row, Rows, Small } from '../rows.tsx';

type User = ItemOf<'ListUsers'>;

export function InstallationUsers() {
  const list = useList('ListUsers', { Limit: 50 });
  const [isCreating, setCreating] = useState(false);
  return (
    <Card
      title="All users"
      lead="Roles in a business are set under People."
      actions={<Button icon={UserPlus} text="New user" onClick={() => setCreating(true)} />}
    >
      <Rows label="All users" list={list} empty={null}>
        {(user) => <UserRow key={user.UserId} user={user} />}
      </Rows>
      {isCreating && <NewUser onClose={() => setCreating(false)} />}
    </Card>
  );
}

type Question = 'disable' | 'promote' | null;

function UserRow({ user }: { readonly user: User }) {
  const isSelf = useSession().User.UserId === user.UserId;
  const update = useChange('UpdateUser', ['ListUsers', 'GetMembers']);
  const link = useChange('CreateSignInLink');
  const [question, setQuestion] = useState<Question>(null);
  const change = (changes: { IsDisabled?: boolean; IsAdmin?: boolean }, onDone?: () => void) =>
    update.mutate({ userId: user.UserId, ...changes }, { onSuccess: () => onDone?.() });
  const confirm = () =>
    change(question === 'promote' ? { IsAdmin: true } : { IsDisabled: true }, () =>
      setQuestion(null),
    );
  return (
    <Row
      actions={
        <Menu align="end" trigger={<Button aria-label={`Change… ${user.Name}`}>Change…</Button>}>
          <MenuItem onSelect={() => link.mutate({ userId: user.UserId })}>
            Create a password link
          </MenuItem>
          <MenuItem
            isDisabled={isSelf}
            onSelect={() => (user.IsAdmin ? change({ IsAdmin: false }) : setQuestion('promote'))}
          >
            {user.IsAdmin
              ? 'Remove as admin of the installation'
              : 'Make an admin of the installation'}
          </MenuItem>
          <MenuItem
            isDisabled={isSelf}
            isDangerous={!user.IsDisabled}
            onSelect={() =>
              user.IsDisabled ? change({ IsDisabled: false }) : setQuestion('disable')
            }
          >
            {user.IsDisabled ? 'Enable' : 'Disable'}
          </MenuItem>
        </Menu>
      }
    >
      <p className="flex flex-wrap items-center gap-2">
        <span className="min-w-0 truncate font-medium" dir="auto">
          {user.Name}
        </span>
        {isSelf && <Badge tone="accent">You</Badge>}
        {user.IsAdmin && <Badge tone="info">Admin of the installation</Badge>}
        {user.IsDisabled && <Badge tone="bad">Disabled</Badge>}
      </p>
      <Small parts={[user.Email, dated('since', user.CreatedAt)]} />
      {(update.error ?? link.error) && question === null && (
        <Failure error={update.error ?? link.error} />
      )}
      <Confirm
        title={question === 'promote' ? `Make ${user.Name} an admin?` : `Disable ${user.Name}?`}
        action={question === 'promote' ? 'Make an admin' : 'Disable user'}
        isOpen={question !== null}
        change={update}
        onConfirm={confirm}
        onClose={() => setQuestion(null)}
      >
        {question === 'promote'
          ? 'Admins of the installation are Owners of every business, and create businesses and users.'
          : 'They are signed out everywhere, and their keys stop working until they are enabled again.'}
      </Confirm>
      {link.data && (
        <SecretDialog
          title={`Password link for ${user.Name}`}
          secret={link.data.Url}
          warning={`Pass it on yourself: anyone who has it can set the password. It works once, until ${formatDateTime(Date.parse(link.data.ExpiresAt))}, and is not shown again.`}
          onClose={link.reset}
        />
      )}
    </Row>
  );
}

function NewUser({ onClose }: { readonly onClose: () => void }) {
  const [given, setGiven] = useState({ email: '', name: '' });
  const create = useChange('CreateUser', ['ListUsers']);
  const onSubmit = () =>
    create.mutate({ Email: given.email, Name: given.name }, { onSuccess: onClose });
  const field = bind(given, setGiven);
  return (
    <Dialog
      title="New user"
      description="An account without a business. To add someone to a business, invite them under People."
      isOpen
      onClose={onClose}
    >
      <DialogForm submit="Create user" change={create} onSubmit={onSubmit} onCancel={onClose}>
        <Field label="E-mail" type="email" {...field('email')} maxLength={254} required />
        <Field label="Name" dir="auto" {...field('name')} maxLength={1024} required />
      </DialogForm>
    </Dialog>
  );
}
