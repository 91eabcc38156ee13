import { ChevronDown } from 'lucide-react';
import { classNames } from '../../ui/class-names.ts';
import { INPUT } from '../../ui/forms/field.tsx';
import { Menu, MenuChoice } from '../../ui/overlays/menu.tsx';
import { ROLES, type Role } from './roles.ts';

const CHOICES = ROLES.map((role) => ({ value: role, label: role }));

/** The role of somebody, and the others to choose from: what keys pass over on the way is not chosen. */
export function RoleMenu({
  label,
  value,
  isBusy,
  isFixed,
  onChoose,
}: {
  /** Whose it is, for those who do not see the row. */
  readonly label: string;
  readonly value: Role;
  /** While a choice is under way; the focus stays where it is. */
  readonly isBusy: boolean;
  readonly isFixed: boolean;
  readonly onChoose: (role: Role) => void;
}) {
  return (
    <div className="w-32">
      <Menu
        align="end"
        trigger={
          <button
            type="button"
            aria-label={`${label}: ${value}`}
            aria-busy={isBusy || undefined}
            disabled={isFixed}
            className={classNames(INPUT, 'flex items-center justify-between gap-2')}
          >
            {value}
            <ChevronDown aria-hidden size={14} className="text-ink-faint" />
          </button>
        }
      >
        <MenuChoice
          values={CHOICES}
          value={value}
          onChange={(role) => {
            if (role !== value && !isBusy) onChoose(role);
          }}
        />
      </Menu>
    </div>
  );
}
