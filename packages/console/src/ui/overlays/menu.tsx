import { Check, type LucideIcon } from 'lucide-react';
import { DropdownMenu as Radix } from 'radix-ui';
import type { ReactNode } from 'react';

const ITEM =
  'flex w-full items-center gap-2 rounded px-2 py-1.5 outline-none select-none cursor-pointer data-[highlighted]:bg-accent-soft data-[disabled]:opacity-50 data-[disabled]:cursor-default';

interface MenuProps {
  readonly trigger: ReactNode;
  readonly children: ReactNode;
  readonly align?: 'start' | 'end';
  readonly side?: 'top' | 'bottom';
}

export function Menu({ trigger, children, align = 'start', side = 'bottom' }: MenuProps) {
  return (
    <Radix.Root modal={false}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          align={align}
          side={side}
          sideOffset={4}
          collisionPadding={8}
          className="z-50 max-h-[min(28rem,var(--radix-dropdown-menu-content-available-height))] min-w-44 overflow-y-auto rounded-lg border border-line bg-raised p-1 shadow-xl animate-appear"
        >
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

interface MenuItemProps {
  readonly icon?: LucideIcon;
  readonly iconSize?: number;
  readonly text?: string;
  readonly children?: ReactNode;
  readonly onSelect: () => void;
  readonly isDisabled?: boolean;
  readonly isDangerous?: boolean;
}

export function MenuItem(props: MenuItemProps) {
  const { icon: Icon, iconSize = 16, text, children, onSelect, isDisabled, isDangerous } = props;
  return (
    <Radix.Item
      className={isDangerous ? `${ITEM} text-bad` : ITEM}
      disabled={isDisabled ?? false}
      onSelect={onSelect}
    >
      {Icon && <Icon aria-hidden size={iconSize} />}
      {text ?? children}
    </Radix.Item>
  );
}

export function MenuLink({ children }: { readonly children: ReactNode }) {
  return (
    <Radix.Item asChild className={ITEM}>
      {children}
    </Radix.Item>
  );
}

interface MenuCheckProps {
  readonly children: ReactNode;
  readonly isChecked: boolean;
  readonly onChange: (isChecked: boolean) => void;
}

export function MenuCheck({ children, isChecked, onChange }: MenuCheckProps) {
  return (
    <Radix.CheckboxItem
      className={ITEM}
      checked={isChecked}
      onCheckedChange={onChange}
      onSelect={(event) => event.preventDefault()}
    >
      <Tick isShown={isChecked} />
      {children}
    </Radix.CheckboxItem>
  );
}

interface MenuChoiceProps<T extends string> {
  readonly values: readonly { readonly value: T; readonly label: string }[];
  readonly value: T;
  readonly onChange: (value: T) => void;
}

export function MenuChoice<T extends string>({ values, value, onChange }: MenuChoiceProps<T>) {
  return (
    <Radix.RadioGroup value={value} onValueChange={(chosen) => onChange(chosen as T)}>
      {values.map((one) => (
        <Radix.RadioItem key={one.value} value={one.value} className={ITEM}>
          <Tick isShown={one.value === value} />
          {one.label}
        </Radix.RadioItem>
      ))}
    </Radix.RadioGroup>
  );
}

function Tick({ isShown }: { readonly isShown: boolean }) {
  return (
    <span aria-hidden className="grid size-4 place-items-center">
      {isShown && <Check size={14} />}
    </span>
  );
}

export const MenuLabel = ({ children }: { readonly children: ReactNode }) => (
  <Radix.Label className="px-2 pt-2 pb-1 text-xs text-ink-faint">{children}</Radix.Label>
);

export const MenuLine = () => <Radix.Separator className="my-1 h-px bg-line" />;
