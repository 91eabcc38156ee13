import type { ComponentProps } from 'react';
import { classNames } from '../class-names.ts';

interface Props extends Omit<ComponentProps<'input'>, 'onChange'> {
  readonly layout?: string;
  readonly onCheck: (isChecked: boolean) => void;
}

export function Check({ layout, className, children, onCheck, ...props }: Props) {
  return (
    <label className={layout ?? 'flex min-h-6 items-center gap-2'}>
      <input
        type="checkbox"
        className={classNames('size-4 shrink-0 accent-accent', className)}
        onChange={({ target }) => onCheck(target.checked)}
        {...props}
      />
      {children}
    </label>
  );
}

export const toggled = <T,>(list: readonly T[], item: T): T[] =>
  list.includes(item) ? list.filter((one) => one !== item) : [...list, item];
