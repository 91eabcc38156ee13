import { type ErrorComponentProps, Link, useRouter } from '@tanstack/react-router';
import { Compass } from 'lucide-react';
import { buttonClass } from '../ui/button.tsx';
import { Empty, Failure } from '../ui/notice.tsx';
import { useTitle } from '../ui/page.tsx';

/** What stands in place of a page that cannot be shown. */
export function Trouble({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  useTitle('Trouble');
  return (
    <main className="mx-auto max-w-xl p-6">
      <h1 className="text-xl font-semibold">This page can't be shown</h1>
      <Failure
        error={error}
        onRetry={() => {
          reset();
          void router.invalidate();
        }}
      />
      <Link to="/" className={buttonClass()}>
        To the start
      </Link>
    </main>
  );
}

/** For an address that leads nowhere. */
export function Lost() {
  useTitle('Nothing here');
  return (
    <main>
      <h1 className="sr-only">Nothing here</h1>
      <Empty icon={Compass} title="There is nothing at this address">
        <p className="mb-3">It may have been mistyped, or lead to what has been removed.</p>
        <Link to="/" className={buttonClass()}>
          To the start
        </Link>
      </Empty>
    </main>
  );
}
