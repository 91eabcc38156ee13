import { type ErrorComponentProps, Link, useRouter } from '@tanstack/react-router';
import { Compass } from 'lucide-react';
import { type ReactNode, use } from 'react';
import { hasReason } from '../api/failure.ts';
import { forgetFailures } from '../ui/browser/lazy-part.ts';
import { buttonClass } from '../ui/button.tsx';
import { Empty, Failure } from '../ui/notice.tsx';
import { useTitle } from '../ui/page.tsx';
import { InAppShell } from './app-shell-context.ts';
import { BusinessList } from './business-switcher.tsx';

export function ErrorPage({ error, reset }: ErrorComponentProps) {
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

interface Props {
  readonly className?: string;
  readonly children: ReactNode;
}

function Main({ className, children }: Props) {
  const Element = use(InAppShell) ? 'div' : 'main';
  return <Element className={className}>{children}</Element>;
}

export function NotFoundPage() {
  useTitle('Page not found');
  return (
    <Main>
      <h1 className="sr-only">Page not found</h1>
      <Empty icon={Compass} title="There is no page at this address">
        <p className="mb-3">The address may be mistyped, or the page was removed.</p>
        <Link to="/" className={buttonClass()}>
          Home
        </Link>
      </Empty>
    </Main>
  );
}
