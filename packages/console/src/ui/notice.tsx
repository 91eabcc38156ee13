import type { UseQueryResult } from '@tanstack/react-query';
import { CircleAlert, type LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { failureMessage, requestIdOf } from '../api/failure.ts';
import { Button } from './button.tsx';

interface EmptyProps {
  readonly icon: LucideIcon;
  readonly title: string;
  readonly children?: ReactNode;
}

export function Empty({ icon: Icon, title, children }: EmptyProps) {
  return (
    <div className="flex flex-col items-center gap-2 px-6 py-14 text-center">
      <Icon aria-hidden size={28} className="text-ink-faint" />
      <p className="font-medium">{title}</p>
      {children !== undefined && <div className="max-w-md text-ink-soft">{children}</div>}
    </div>
  );
}

interface FailureProps {
  readonly error: unknown;
  readonly onRetry?: () => void;
  readonly retryLabel?: string;
}

export function Failure({ error, onRetry, retryLabel = 'Try again' }: FailureProps) {
  const request = requestIdOf(error);
  return (
    <div
      role="alert"
      className="my-3 flex items-start gap-2 rounded-lg border border-bad/40 bg-bad-soft px-3 py-2 text-bad"
    >
      <CircleAlert aria-hidden size={16} className="mt-0.5 shrink-0" />
      <div className="min-w-0 flex-1 break-words">
        <p>{failureMessage(error)}</p>
        {request !== null && <p className="mt-0.5 text-xs">Request {request}</p>}
      </div>
      {onRetry && <Button onClick={onRetry}>{retryLabel}</Button>}
    </div>
  );
}

interface ReadStateProps {
  readonly read: Pick<UseQueryResult, 'data' | 'error' | 'refetch'>;
}

export function ReadState({ read: { data, error, refetch } }: ReadStateProps) {
  if (error) return <Failure error={error} onRetry={() => void refetch()} />;
  return data === undefined && <Loading />;
}

export function Loading({ label = 'Loading…' }: { readonly label?: string }) {
  return (
    <p role="status" className="px-6 py-10 text-center text-ink-faint">
      {label}
    </p>
  );
}
