import {
  type ChangeEvent,
  type ComponentProps,
  type ElementType,
  type ReactNode,
  useId,
} from 'react';
import { classNames } from '../class-names.ts';

export const INPUT =
  'h-9 w-full rounded-md border border-line-strong bg-surface px-2.5 text-ink placeholder:text-ink-faint disabled:opacity-60 aria-invalid:border-bad';

interface LabelledProps {
  readonly label: string;
  readonly hint?: ReactNode;
  readonly error?: string | null;
  readonly onText?: (text: string) => void;
}

export const Field = (props: ComponentProps<'input'> & LabelledProps) => (
  <Labelled control="input" {...props} />
);

export const SelectField = (props: ComponentProps<'select'> & LabelledProps) => (
  <Labelled control="select" {...props} />
);

export const TextAreaField = (props: ComponentProps<'textarea'> & LabelledProps) => (
  <Labelled
    control="textarea"
    {...props}
    className={classNames('h-auto min-h-24 py-2 font-mono text-xs', props.className)}
  />
);

interface ControlProps extends LabelledProps {
  readonly control: ElementType;
  readonly className?: string | undefined;
  readonly [attribute: string]: unknown;
}

function Labelled(all: ControlProps) {
  const { control: Control, label, hint, error, onText, className, ...props } = all;
  const id = useId();
  return (
    <div className="group/field flex flex-col gap-1">
      <label
        htmlFor={id}
        className="font-medium group-has-[:required]/field:after:text-bad group-has-[:required]/field:after:content-['_*'_/_'']"
      >
        {label}
      </label>
      <Control
        id={id}
        className={classNames(INPUT, className)}
        aria-invalid={error ? true : undefined}
        aria-describedby={error ? `${id}-error` : hint ? `${id}-hint` : undefined}
        onChange={onText && (({ target }: ChangeEvent<HTMLInputElement>) => onText(target.value))}
        {...props}
      />
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

/** The props of an editor: a value by its name, and what to do with a changed one. */
export type Edits<Name extends string, T> = { readonly [K in Name]: T } & {
  readonly onChange: (value: T) => void;
};

type TextKey<T> = { [K in keyof T]: T[K] extends string ? K : never }[keyof T];

export const bind =
  <T,>(given: T, onChange: (given: T) => void) =>
  (key: TextKey<T>) => ({
    value: given[key] as string,
    onText: (text: string) => onChange({ ...given, [key]: text }),
  });

interface OptionsProps {
  readonly of: readonly (readonly [value: string | number, label: string])[];
}

export const Options = ({ of }: OptionsProps) =>
  of.map(([value, label]) => (
    <option key={value} value={value}>
      {label}
    </option>
  ));

interface InlineSelectProps extends OptionsProps {
  readonly label: string;
  readonly isLabelHidden?: boolean;
  readonly className?: string;
  readonly value: string | number;
  readonly onText: (text: string) => void;
}

export function InlineSelect(props: InlineSelectProps) {
  const { label, isLabelHidden = false, className, value, of, onText } = props;
  return (
    <label className={classNames('flex items-center gap-1.5 text-ink-soft', className)}>
      <span className={isLabelHidden ? 'sr-only' : undefined}>{label}</span>
      <select
        value={value}
        onChange={({ target }) => onText(target.value)}
        className="h-8 rounded-md border border-line-strong bg-surface px-2 text-ink"
      >
        <Options of={of} />
      </select>
    </label>
  );
}
