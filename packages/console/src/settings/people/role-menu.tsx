import { ChevronDown } from 'lucide-react';
import { classNames } from '../../ui/class-names.ts';
import { INPUT } from '../../ui/forms/field.tsx';
import { Menu, MenuChoice } from '../../ui/overlays/menu.tsx';
import { ROLES, type Role } from './roles.ts';

const CHOICES = ROLES.map((role) => ({ value: role, label: role }));

interface Props {
  readonly label: string;
  readonly value: Role;
  /** A change is being saved; the focus stays. */
  readonly isBusy: boolean;
  readonly isFixed: boolean;
  readonly onChoose: (role: Role) => void;
}

/** The role of a user; moving through the options by keys does not choose them. */
export function RoleMenu({ label, value, isBusy, isFixed, onChoose }: Props) {
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
