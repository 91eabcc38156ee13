import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ArrowLeft } from 'lucide-react';
import { useState } from 'react';
import { hasReason } from '../api/failure.ts';
import { useChange } from '../api/use-op.ts';
import { Button, buttonClass } from '../ui/button.tsx';
import { bind, Field } from '../ui/forms/field.tsx';
import { Form } from '../ui/forms/form.tsx';
import { Failure } from '../ui/notice.tsx';
import { Card, Page } from '../ui/page.tsx';
import { updateSession, useSession } from './session.ts';
import { useSignOut } from './signed-in-layout.tsx';

export function AccountPage() {
  const { User: user } = useSession();
  const signOut = useSignOut();
  return (
    <main className="mx-auto max-w-2xl">
      <Page
        title="Your account"
        lead={user.Email}
        actions={
          <>
            <Link to="/" className={buttonClass('quiet')}>
              <ArrowLeft aria-hidden size={16} className="rtl:-scale-x-100" /> Back
            </Link>
            <Button onClick={signOut}>Sign out</Button>
          </>
        }
      >
        <NameCard />
        <PasswordCard />
      </Page>
    </main>
  );
}

function NameCard() {
  const { User: user } = useSession();
  const queries = useQueryClient();
  const [name, setName] = useState(user.Name);
  const change = useChange('UpdateProfile');
  const onSubmit = () =>
    change.mutate({ Name: name }, { onSuccess: (session) => updateSession(queries, session) });
  return (
    <Card title="Name">
      <Form onSubmit={onSubmit}>
        <Field
          label="Your name"
          autoComplete="name"
          value={name}
          onText={setName}
          maxLength={1024}
          required
        />
        {change.error && <Failure error={change.error} />}
        <div className="flex items-center gap-3">
          <Button type="submit" isBusy={change.isPending} disabled={name === user.Name}>
            Save name
          </Button>
          <span role="status">{change.isSuccess && 'Saved.'}</span>
        </div>
      </Form>
    </Card>
  );
}

const NOTHING = { current: '', next: '' };

function PasswordCard() {
  const { User: user } = useSession();
  const queries = useQueryClient();
  const [given, setGiven] = useState(NOTHING);
  const change = useChange('ChangePassword');
  const onSubmit = () =>
    change.mutate(
      { CurrentPassword: user.HasPassword ? given.current : null, NewPassword: given.next },
      {
        onSuccess: (session) => {
          updateSession(queries, session);
          setGiven(NOTHING);
        },
      },
    );
  const field = bind(given, setGiven);
  return (
    <Card title="Password" lead="Changing it signs you out everywhere else.">
      <Form onSubmit={onSubmit}>
        {user.HasPassword && (
          <Field
            label="Current password"
            type="password"
            autoComplete="current-password"
            {...field('current')}
            maxLength={256}
            required
          />
        )}
        <Field
          label="New password"
          type="password"
          autoComplete="new-password"
          {...field('next')}
          hint="12 characters or more."
          minLength={12}
          maxLength={256}
          required
        />
        {change.error && (
          <Failure
            error={
              hasReason(change.error, 'SIGN_IN_FAILED')
                ? new Error('This is not your current password.')
                : change.error
            }
          />
        )}
        <div className="flex items-center gap-3">
          <Button text="Change password" type="submit" isBusy={change.isPending} />
          <span role="status">{change.isSuccess && 'Changed.'}</span>
        </div>
      </Form>
    </Card>
  );
}
