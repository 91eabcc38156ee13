import { Building2 } from 'lucide-react';
import { useOp } from '../api/use-op.ts';
import { useSession } from '../session/session.ts';
import { useSignOut } from '../session/signed-in-layout.tsx';
import { Button } from '../ui/button.tsx';
import { Empty } from '../ui/notice.tsx';
import { useTitle } from '../ui/page.tsx';
import { BusinessList } from './business-switcher.tsx';
import { NewBusiness } from './new-business.tsx';

export function NoBusinessPage() {
  useTitle('Welcome');
  const { User: user } = useSession();
  const signOut = useSignOut();
  const { data } = useOp('GetMyBusinesses', { Limit: 1 });
  const hasClosed = data !== undefined && data.Items.length > 0;
  return (
    <main className="mx-auto max-w-xl p-4">
      <h1 className="sr-only">Welcome</h1>
      <Empty
        icon={Building2}
        title={
          hasClosed
            ? 'None of your businesses is available'
            : user.IsAdmin
              ? 'Create your first business'
              : 'No business yet'
        }
      >
        {hasClosed && (
          <div className="mb-3 text-start">
            <p className="mb-3">
              {user.IsAdmin
                ? 'Create another one: its settings list all businesses and can enable them again.'
                : 'Ask an admin to enable one, then reload this page.'}
            </p>
            <BusinessList />
          </div>
        )}
        {user.IsAdmin ? (
          <NewBusiness />
        ) : (
          !hasClosed && (
            <p className="mb-3">
              You don't have access to any business. Ask an owner to add {user.Email}, then reload
              this page.
            </p>
          )
        )}
      </Empty>
      <div className="text-center">
        <Button text="Sign out" look="quiet" onClick={signOut} />
      </div>
    </main>
  );
}
