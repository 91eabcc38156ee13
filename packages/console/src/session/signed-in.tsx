import type { InputOf } from '@colloquy/sdk';
import { Outlet, useNavigate } from '@tanstack/react-router';
import { createContext, useContext } from 'react';
import { holdSession } from '../api/client.ts';
import { isSignedOut } from '../api/failure.ts';
import { useChange } from '../api/use-op.ts';
import { Failure } from '../ui/notice.tsx';
import { Dialog } from '../ui/overlays/dialog.tsx';

const SignOut = createContext<() => void>(() => undefined);

/** Ends the session; where that fails, a window over the page says so. */
export const useSignOut = (): (() => void) => useContext(SignOut);

/** What is around every page that takes somebody who is signed in. */
export function SignedIn() {
  const navigate = useNavigate();
  const change = useChange('SignOut');
  const signOut = () =>
    change.mutate({} as InputOf<'SignOut'>, {
      onSuccess: () => {
        holdSession(null);
        void navigate({ to: '/sign-in' });
      },
    });
  return (
    <SignOut value={signOut}>
      <Outlet />
      <Dialog
        title="You are still signed in"
        description="Signing out failed. Anyone who uses this browser next can go on as you."
        isOpen={change.error !== null && !isSignedOut(change.error)}
        onClose={change.reset}
      >
        <Failure error={change.error} onRetry={signOut} />
      </Dialog>
    </SignOut>
  );
}
