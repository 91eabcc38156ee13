import { Lock } from 'lucide-react';
import { useBusiness } from '../app-shell/business.ts';

interface Props {
  readonly who?: string;
  readonly verb?: string;
}

export function ReadOnly({ who = 'Admins and Owners', verb = 'change it' }: Props) {
  const { Role } = useBusiness();
  return (
    <p className="flex items-baseline gap-2 rounded-lg bg-sunken px-3 py-2 text-ink-soft">
      <Lock aria-hidden size={14} className="shrink-0 translate-y-0.5" />
      <span>
        As {Role} you may view this; {who} of the business may {verb}.
      </span>
    </p>
  );
}
