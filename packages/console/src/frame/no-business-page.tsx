import { Building2 } from 'lucide-react';
import { useSession, useSignOut } from '../session/session.ts';
import { Button } from '../ui/button.tsx';
import { Empty } from '../ui/notice.tsx';
import { useTitle } from '../ui/page.tsx';
import { NewBusiness } from './new-business.tsx';

/** For somebody who may use no business yet. */
export function NoBusinessPage() {
  useTitle('Welcome');
  const { User: user } = useSession();
  const signOut = useSignOut();
  return (
    <main className="mx-auto max-w-xl p-4">
      <Empty icon={Building2} title={user.IsAdmin ? 'Make the first business' : 'No business yet'}>
        {user.IsAdmin ? (
          <NewBusiness />
        ) : (
          <p className="mb-3">
            You may use no business. Ask an owner to add {user.Email}, then load this page again.
          </p>
        )}
      </Empty>
      <div className="text-center">
        <Button look="quiet" onClick={signOut}>
          Sign out
        </Button>
      </div>
    </main>
  );
}
