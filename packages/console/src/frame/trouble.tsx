import { type ErrorComponentProps, Link, useRouter } from '@tanstack/react-router';
import { Compass } from 'lucide-react';
import { hasReason } from '../api/failure.ts';
import { buttonClass } from '../ui/button.tsx';
import { PartFailure } from '../ui/lazy-part.ts';
import { Empty, Failure } from '../ui/notice.tsx';
import { useTitle } from '../ui/page.tsx';
import { BusinessList } from './business-switcher.tsx';

/** What stands in place of a page that cannot be shown. */
export function Trouble({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  useTitle('Trouble');
  const isOfBusiness = hasReason(
    error,
    'BUSINESS_ACCESS_DENIED',
    'BUSINESS_DISABLED',
    'BUSINESS_EDITING_DISABLED',
  );
  return (
    <main className="mx-auto max-w-xl p-6">
      <h1 className="text-xl font-semibold">This page can't be shown</h1>
      <Failure
        error={error}
        onRetry={() => {
          if (error instanceof PartFailure) return location.reload();
          reset();
          void router.invalidate();
        }}
      />
      {isOfBusiness && (
        <section aria-label="Your businesses" className="mb-4">
          <h2 className="mb-2 font-semibold">Go to another business</h2>
          <BusinessList />
        </section>
      )}
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
