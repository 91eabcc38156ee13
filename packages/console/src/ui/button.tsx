import type { LucideIcon } from 'lucide-react';
import type { ComponentProps } from 'react';
import { classNames } from './class-names.ts';

const LOOKS = {
  primary: 'bg-accent text-on-accent hover:bg-accent-strong border-transparent font-medium',
  plain: 'bg-surface text-ink border-line hover:bg-sunken',
  quiet: 'bg-transparent text-ink-soft border-transparent hover:bg-sunken hover:text-ink',
  danger: 'bg-surface text-bad border-line hover:bg-bad-soft',
} as const;

export const buttonClass = (look: keyof typeof LOOKS = 'plain', isIcon = false): string =>
  classNames(
    'inline-flex shrink-0 items-center justify-center gap-1.5 rounded-md border transition-colors select-none whitespace-nowrap disabled:opacity-50 disabled:cursor-not-allowed aria-disabled:opacity-50',
    isIcon ? 'size-8' : 'h-8 px-3',
    LOOKS[look],
  );

export interface ButtonProps extends ComponentProps<'button'> {
  readonly look?: keyof typeof LOOKS;
  readonly isBusy?: boolean;
  readonly icon?: LucideIcon;
  readonly iconSize?: number;
  readonly text?: string;
}

export function Button(all: ButtonProps) {
  const { look, isBusy = false, icon: Icon, iconSize = 14, text, children, ...props } = all;
  return (
    <button
      type="button"
      aria-busy={isBusy || undefined}
      {...props}
      className={classNames(buttonClass(look), props.className)}
      disabled={props.disabled || isBusy}
    >
      {Icon && <Icon aria-hidden size={iconSize} />}
      {text ?? children}
    </button>
  );
}

interface IconButtonProps extends ButtonProps {
  readonly label: string;
  readonly icon: LucideIcon;
}

export function IconButton(all: IconButtonProps) {
  const { label, look = 'quiet', icon: Icon, iconSize = 16, className, ...props } = all;
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      className={classNames(buttonClass(look, true), className)}
      {...props}
    >
      <Icon aria-hidden size={iconSize} />
    </button>
  );
}
