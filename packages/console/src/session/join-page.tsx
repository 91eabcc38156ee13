import type { InputOf } from '@colloquy/sdk';
import { useQueryClient } from '@tanstack/react-query';
import { Link, useLocation, useNavigate } from '@tanstack/react-router';
import { KeyRound } from 'lucide-react';
import { useState } from 'react';
import { useChange, useOp } from '../api/use-op.ts';
import { Button, buttonClass } from '../ui/button.tsx';
import { bind, Field } from '../ui/forms/field.tsx';
import { Form } from '../ui/forms/form.tsx';
import { Failure, Loading } from '../ui/notice.tsx';
import { beginSession, useOptionalSession } from './session.ts';
import { SignedOutLayout } from './signed-out-layout.tsx';

/** The token is after the #, which servers do not log. */
export function JoinPage() {
  // Covers a link pasted into the same tab, which does not reload the page.
  const token = useLocation({ select: ({ hash }) => hash });
  const { data, error } = useOp('GetInvitation', { Token: token }, { enabled: token !== '' });
  if (token === '' || error) {
    return (
      <SignedOutLayout title="This link does not work">
        <Failure
          error={
            error ?? new Error('The link is incomplete. Copy all of it, up to the last character.')
          }
        />
        <Link to="/sign-in" className={buttonClass()}>
          Sign in
        </Link>
      </SignedOutLayout>
    );
  }
  if (!data) return <Loading />;
  const isFirst = data.Email === null;
  return (
    <SignedOutLayout
      title={titleOf(data.Kind === 'Invitation', isFirst)}
      lead={
        data.BusinessName !== null && (
          <>
            You are invited to{' '}
            <strong>
              <bdi>{data.BusinessName}</bdi>
            </strong>{' '}
            as {data.Role}.
          </>
        )
      }
    >
      <OtherUser email={data.Email} />
      {data.Kind === 'Invitation' && <SingleSignOn />}
      <JoinForm
        key={token}
        token={token}
        email={data.Email}
        name={data.Name}
        isInvitation={data.Kind === 'Invitation'}
      />
    </SignedOutLayout>
  );
}

const titleOf = (isInvitation: boolean, isFirst: boolean) =>
  isFirst ? 'Create your admin account' : isInvitation ? 'Join' : 'Choose a new password';

function OtherUser({ email }: { readonly email: string | null }) {
  const here = useOptionalSession();
  const change = useChange('SignOut');
  if (here === null || here.User.Email === email) return null;
  // Reloads the same link without a session.
  const signOut = () =>
    change.mutate({} as InputOf<'SignOut'>, { onSuccess: () => location.reload() });
  return (
    <div className="mb-4 rounded-lg bg-info-soft px-3 py-2 text-info">
      <p className="break-words">
        You are signed in as <bdi className="font-medium">{here.User.Email}</bdi>.
        {email !== null && (
          <>
            {' '}
            This link is for <bdi className="font-medium">{email}</bdi>.
          </>
        )}{' '}
        Sign out first if you are someone else.
      </p>
      {change.error && <Failure error={change.error} />}
      <Button text="Sign out" className="mt-2" isBusy={change.isPending} onClick={signOut} />
    </div>
  );
}

/** Single sign-on accepts all invitations of the address, also for users without a password. */
function SingleSignOn() {
  const { data: options } = useOp('GetSignInOptions', {});
  const single = options?.SingleSignOn;
  if (!single) return null;
  return (
    <>
      <a href={`${single.Url}?to=/`} className={`${buttonClass('primary')} w-full`}>
        <KeyRound aria-hidden size={16} /> Join with {single.Name}
      </a>
      <p className="my-4 text-center text-ink-soft">or with a password</p>
    </>
  );
}

interface Props {
  readonly token: string;
  readonly email: string | null;
  readonly name: string | null;
  readonly isInvitation: boolean;
}

function JoinForm({ token, email, name, isInvitation }: Props) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const accept = useChange('AcceptInvitation');
  const [given, setGiven] = useState({ email: '', name: name ?? '', password: '' });
  const here = useOptionalSession();
  /** Otherwise the link must not reveal whether the user exists. */
  const isKnown = isInvitation && here?.User.Email.toLowerCase() === email?.toLowerCase();
  const isUnknown = isInvitation && !isKnown;
  const asksName = !isKnown && (email === null || isInvitation);
  const onSubmit = () =>
    accept.mutate(
      {
        Token: token,
        Password: given.password,
        ...(email === null && { Email: given.email }),
        ...(asksName && given.name.trim() !== '' && { Name: given.name }),
      },
      {
        onSuccess: (session) => {
          beginSession(queries, session);
          void navigate({ to: '/', replace: true });
        },
      },
    );
  const field = bind(given, setGiven);
  return (
    <Form onSubmit={onSubmit}>
      <Field
        label="Your e-mail"
        type="email"
        autoComplete="username"
        value={email ?? given.email}
        onChange={({ target }) => setGiven({ ...given, email: target.value })}
        maxLength={254}
        readOnly={email !== null}
        required
      />
      {asksName && (
        <Field
          label="Your name"
          autoComplete="name"
          {...field('name')}
          maxLength={1024}
          hint={isUnknown ? 'If you have an account here, your name there stays.' : undefined}
          required={!isUnknown}
        />
      )}
      <Field
        label={isKnown ? 'Your password' : isUnknown ? 'Password' : 'Choose a password'}
        type="password"
        autoComplete={isInvitation ? 'current-password' : 'new-password'}
        {...field('password')}
        hint={
          isKnown
            ? undefined
            : `${isUnknown ? 'The one of your account here. If you are new, choose one: ' : ''}12 characters or more; a sentence is easy to remember.`
        }
        minLength={12}
        maxLength={256}
        required
      />
      {accept.error && <Failure error={accept.error} />}
      <Button type="submit" look="primary" isBusy={accept.isPending}>
        {email === null ? 'Create account' : isInvitation ? 'Join' : 'Sign in'}
      </Button>
    </Form>
  );
}
