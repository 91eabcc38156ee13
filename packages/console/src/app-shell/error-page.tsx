import { type ErrorComponentProps, Link, useRouter } from '@tanstack/react-router';
import { Compass } from 'lucide-react';
import { type ReactNode, use } from 'react';
import { hasReason } from '../api/failure.ts';
import { forgetFailures } from '../ui/browser/lazy-part.ts';
import { buttonClass } from '../ui/button.tsx';
import { Empty, Failure } from '../ui/notice.tsx';
import { useTitle } from '../ui/page.tsx';
import { BusinessList } from './business-switcher.tsx';
import { InFrame } from './in-app-shell.ts';

/** What stands in place of a page that cannot be shown. */
export function Trouble({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  useTitle("This page can't be shown");
  const isOfBusiness = hasReason(
    error,
    'BUSINESS_ACCESS_DENIED',
    'BUSINESS_DISABLED',
    'BUSINESS_EDITING_DISABLED',
  );
  return (
    <Main className="mx-auto max-w-xl p-6">
      <h1 className="text-xl font-semibold">This page can't be shown</h1>
      <Failure
        error={error}
        onRetry={() => {
          forgetFailures();
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
        Home
      </Link>
    </Main>
  );
}

/** The main part of the window, unless the frame has one. */
function Main({
  className,
  children,
}: {
  readonly className?: string;
  readonly children: ReactNode;
}) {
  const Element = use(InFrame) ? 'div' : 'main';
  return <Element className={className}>{children}</Element>;
}

/** For an address that leads nowhere. */
export function Lost() {
  useTitle('Nothing here');
  return (
    <Main>
      <h1 className="sr-only">Nothing here</h1>
      <Empty icon={Compass} title="There is nothing at this address">
        <p className="mb-3">It may have been mistyped, or what was here has been removed.</p>
        <Link to="/" className={buttonClass()}>
          Home
        </Link>
      </Empty>
    </Main>
  );
}
