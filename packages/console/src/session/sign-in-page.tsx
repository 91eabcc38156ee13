import { useQueryClient } from '@tanstack/react-query';
import { useRouter, useSearch } from '@tanstack/react-router';
import { KeyRound } from 'lucide-react';
import { useEffect, useState } from 'react';
import { BASE_URL } from '../api/client.ts';
import { useChange, useOp } from '../api/use-op.ts';
import { Button, buttonClass } from '../ui/button.tsx';
import { Field } from '../ui/forms/field.tsx';
import { Form } from '../ui/forms/form.tsx';
import { Failure } from '../ui/notice.tsx';
import { beginSession, endSession } from './session.ts';
import { SignedOutLayout } from './signed-out-layout.tsx';

/** Errors of single sign-on by the code in the address; `SIGNED_OUT` for an ended session. */
const REFUSALS: Readonly<Record<string, string>> = {
  NOT_INVITED: 'You have not been invited yet. Ask an owner of the business for an invitation.',
  EMAIL_NOT_VERIFIED: 'Your provider has not verified your e-mail address.',
  EMAIL_RESERVED: 'Your e-mail address at the provider is reserved here. Use another account.',
  USER_DISABLED: 'Your user is disabled. Ask an admin to enable it.',
};

export function SignInPage() {
  const { to, error } = useSearch({ from: '/sign-in' });
  const router = useRouter();
  const queries = useQueryClient();
  const { data: options } = useOp('GetSignInOptions', {});
  const signIn = useChange('SignIn');
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  useEffect(() => endSession(queries), [queries]);
  const onSubmit = () =>
    signIn.mutate(
      { Email: email, Password: password },
      {
        onSuccess: (session) => {
          beginSession(queries, session);
          router.history.push(BASE_URL.slice(location.origin.length) + ownPath(to));
        },
      },
    );
  const single = options?.SingleSignOn;
  return (
    <SignedOutLayout title="Sign in">
      {error === 'SIGNED_OUT' && (
        <p role="status" className="mb-4 rounded-lg bg-info-soft px-3 py-2 text-info">
          You were signed out. Sign in to continue.
        </p>
      )}
      {error !== undefined && error !== 'SIGNED_OUT' && (
        <Failure error={new Error(REFUSALS[error] ?? 'Sign-in failed. Try again.')} />
      )}
      {single && (
        <>
          <a
            href={`${single.Url}?to=${encodeURIComponent(ownPath(to))}`}
            className={`${buttonClass('primary')} w-full`}
          >
            <KeyRound aria-hidden size={16} /> Continue with {single.Name}
          </a>
          <p className="my-4 text-center text-xs text-ink-faint">or with a password</p>
        </>
      )}
      <Form onSubmit={onSubmit}>
        <Field
          label="E-mail"
          type="email"
          autoComplete="username"
          value={email}
          onText={setEmail}
          maxLength={254}
          required
          autoFocus
        />
        <Field
          label="Password"
          type="password"
          autoComplete="current-password"
          value={password}
          onText={setPassword}
          maxLength={256}
          required
        />
        {signIn.error && <Failure error={signIn.error} />}
        <Button type="submit" look={single ? 'plain' : 'primary'} isBusy={signIn.isPending}>
          Sign in
        </Button>
      </Form>
      <p className="mt-4 text-xs text-ink-faint">
        First time here? The server printed a link for the first admin when it started. Forgot your
        password? An admin of this installation can give you a link to set a new one.
      </p>
    </SignedOutLayout>
  );
}

/** Accepts only paths of this console. */
const ownPath = (to: string | undefined): string =>
  to !== undefined && /^\/(?![/\\])/.test(to) ? to : '/';
