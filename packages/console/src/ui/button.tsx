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
}

export function Button({ look, isBusy = false, className, disabled, ...props }: ButtonProps) {
  return (
    <button
      type="button"
      aria-busy={isBusy || undefined}
      disabled={disabled || isBusy}
      className={classNames(buttonClass(look), className)}
      {...props}
    />
  );
}

/** Shows only an icon; the label is its accessible name and tooltip. */
export function IconButton({
  label,
  look = 'quiet',
  className,
  ...props
}: ButtonProps & { readonly label: string }) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      className={classNames(buttonClass(look, true), className)}
      {...props}
    />
  );
}
