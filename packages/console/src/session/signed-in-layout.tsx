import type { InputOf } from '@colloquy/sdk';
import { Outlet, useNavigate } from '@tanstack/react-router';
import { createContext, useContext } from 'react';
import { setSession } from '../api/client.ts';
import { isSignedOut } from '../api/failure.ts';
import { useChange } from '../api/use-op.ts';
import { Failure } from '../ui/notice.tsx';
import { Dialog } from '../ui/overlays/dialog.tsx';

const SignOut = createContext<() => void>(() => undefined);

export const useSignOut = (): (() => void) => useContext(SignOut);

export function SignedInLayout() {
  const navigate = useNavigate();
  const change = useChange('SignOut');
  const signOut = () =>
    change.mutate({} as InputOf<'SignOut'>, {
      onSuccess: () => {
        setSession(null);
        void navigate({ to: '/sign-in' });
      },
    });
  return (
    <SignOut value={signOut}>
      <Outlet />
      <Dialog
        title="You are still signed in"
        description="Signing out failed. Anyone who uses this browser next can continue as you."
        isOpen={change.error !== null && !isSignedOut(change.error)}
        onClose={change.reset}
      >
        <Failure error={change.error} onRetry={signOut} />
      </Dialog>
    </SignOut>
  );
}
