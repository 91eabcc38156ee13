import { Link } from '@tanstack/react-router';
import { Building2, ChevronsUpDown } from 'lucide-react';
import { useState } from 'react';
import { useOp } from '../api/use-op.ts';
import { INPUT } from '../ui/forms/field.tsx';
import { Failure } from '../ui/notice.tsx';
import { Popover } from '../ui/overlays/popover.tsx';
import { isUsable, useBusiness } from './business.ts';

export function BusinessSwitcher() {
  const business = useBusiness();
  const [isOpen, setOpen] = useState(false);
  return (
    <Popover
      label="Switch business"
      isOpen={isOpen}
      onOpenChange={setOpen}
      trigger={
        <button
          type="button"
          className="flex items-center gap-2 rounded-md border border-line px-2 py-1.5 text-start hover:bg-sunken"
        >
          <Building2 aria-hidden size={16} className="shrink-0 text-ink-faint" />
          <span className="min-w-0 flex-1">
            <span className="block truncate font-medium">
              <bdi>{business.Name}</bdi>
            </span>
            <span className="block truncate text-xs text-ink-faint">
              {business.BusinessId} · {business.Role}
            </span>
          </span>
          <ChevronsUpDown aria-hidden size={14} className="shrink-0 text-ink-faint" />
        </button>
      }
    >
      <BusinessList onGo={() => setOpen(false)} />
    </Popover>
  );
}

export function BusinessList({ onGo }: { readonly onGo?: () => void }) {
  const [search, setSearch] = useState('');
  const { data, error, refetch } = useOp(
    'GetMyBusinesses',
    { Limit: 50, ...(search !== '' && { Search: search }) },
    { keepPrevious: true },
  );
  return (
    <>
      <input
        className={INPUT}
        value={search}
        onChange={({ target }) => setSearch(target.value)}
        maxLength={200}
        placeholder="Name or number"
        aria-label="Find a business"
      />
      {error && <Failure error={error} onRetry={() => void refetch()} />}
      <ul className="mt-2 flex flex-col">
        {data?.Items.map((one) => (
          <li key={one.BusinessId}>
            <Link
              to="/b/$businessId"
              params={{ businessId: one.BusinessId }}
              {...(onGo && { onClick: onGo })}
              className="flex items-baseline gap-2 rounded px-2 py-1.5 hover:bg-accent-soft"
            >
              <span className="min-w-0 flex-1 truncate">
                <bdi>{one.Name}</bdi>
              </span>
              <span className="text-xs text-ink-faint">
                {one.BusinessId} ·{' '}
                {isUsable(one) ? one.Role : one.IsDisabled ? 'disabled' : 'editing is off'}
              </span>
            </Link>
          </li>
        ))}
      </ul>
      {data?.Items.length === 0 && <p className="px-2 py-3 text-ink-faint">No businesses found.</p>}
    </>
  );
}
