import { INPUT } from '../ui/field.tsx';
import { ROLES, type Role } from './roles.ts';

/** One of the roles, with its label for those who do not see the row. */
export function RoleSelect({
  label,
  value,
  disabled,
  onChange,
}: {
  readonly label: string;
  readonly value: Role;
  readonly disabled: boolean;
  readonly onChange: (role: Role) => void;
}) {
  return (
    <div className="w-32">
      <select
        aria-label={label}
        className={INPUT}
        value={value}
        disabled={disabled}
        onChange={({ target }) => onChange(target.value as Role)}
      >
        {ROLES.map((role) => (
          <option key={role} value={role}>
            {role}
          </option>
        ))}
      </select>
    </div>
  );
}
