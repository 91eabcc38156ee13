import { X } from 'lucide-react';
import type { ReactNode } from 'react';

interface Props {
  readonly label: string;
  readonly children: ReactNode;
  readonly onRemove: () => void;
}

export function Chip({ label, children, onRemove }: Props) {
  return (
    <span className="inline-flex h-8 max-w-full items-center rounded-full border border-accent/40 bg-accent-soft ps-3 text-accent-strong">
      <span className="truncate">
        {label}:{' '}
        <strong className="font-medium">
          <bdi>{children}</bdi>
        </strong>
      </span>
      <button
        type="button"
        aria-label={`Remove the filter ${label}`}
        title="Remove"
        onClick={onRemove}
        className="ms-1 grid size-8 shrink-0 place-items-center rounded-full hover:bg-accent/15"
      >
        <X aria-hidden size={14} />
      </button>
    </span>
  );
}
