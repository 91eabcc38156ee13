import { type ComponentProps, type ReactNode, useId } from 'react';
import { classNames } from '../class-names.ts';

export const INPUT =
  'h-9 w-full rounded-md border border-line-strong bg-surface px-2.5 text-ink placeholder:text-ink-faint disabled:opacity-60 aria-invalid:border-bad';

interface LabelledProps {
  readonly label: string;
  readonly hint?: ReactNode;
  readonly error?: string | null;
}

export function Field({
  label,
  hint,
  error,
  className,
  ...props
}: ComponentProps<'input'> & LabelledProps) {
  const id = useId();
  return (
    <Labelled id={id} label={label} hint={hint} error={error ?? null}>
      <input
        id={id}
        className={classNames(INPUT, className)}
        {...describedBy(id, hint, error)}
        {...props}
      />
    </Labelled>
  );
}

export function SelectField({
  label,
  hint,
  error,
  className,
  children,
  ...props
}: ComponentProps<'select'> & LabelledProps) {
  const id = useId();
  return (
    <Labelled id={id} label={label} hint={hint} error={error ?? null}>
      <select
        id={id}
        className={classNames(INPUT, className)}
        {...describedBy(id, hint, error)}
        {...props}
      >
        {children}
      </select>
    </Labelled>
  );
}

export function TextAreaField({
  label,
  hint,
  error,
  className,
  ...props
}: ComponentProps<'textarea'> & LabelledProps) {
  const id = useId();
  return (
    <Labelled id={id} label={label} hint={hint} error={error ?? null}>
      <textarea
        id={id}
        className={classNames(INPUT, 'h-auto min-h-24 py-2 font-mono text-xs', className)}
        {...describedBy(id, hint, error)}
        {...props}
      />
    </Labelled>
  );
}

const describedBy = (id: string, hint: ReactNode, error: string | null | undefined) => ({
  'aria-invalid': error ? true : undefined,
  'aria-describedby': error ? `${id}-error` : hint ? `${id}-hint` : undefined,
});

function Labelled({
  id,
  label,
  hint,
  error,
  children,
}: {
  readonly id: string;
  readonly label: string;
  readonly hint: ReactNode;
  readonly error: string | null;
  readonly children: ReactNode;
}) {
  return (
    <div className="group/field flex flex-col gap-1">
      <label
        htmlFor={id}
        className="font-medium group-has-[:required]/field:after:text-bad group-has-[:required]/field:after:content-['_*'_/_'']"
      >
        {label}
      </label>
      {children}
      {error ? (
        <p id={`${id}-error`} className="text-xs text-bad">
          {error}
        </p>
      ) : (
        hint && (
          <p id={`${id}-hint`} className="text-xs text-ink-faint">
            {hint}
          </p>
        )
      )}
    </div>
  );
}
