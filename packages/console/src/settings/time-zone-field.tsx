import { useId } from 'react';
import { Field } from '../ui/field.tsx';
import { ZoneList } from '../ui/zone-list.tsx';

/** An IANA name of a time zone, with those that the browser knows. */
export function TimeZoneField({
  value,
  onChange,
  ...props
}: {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly disabled?: boolean;
  readonly required?: boolean;
}) {
  const id = useId();
  return (
    <>
      <Field
        label="Time zone"
        list={id}
        value={value}
        onChange={({ target }) => onChange(target.value)}
        placeholder="Europe/Berlin"
        hint="Used for calling hours without a zone of their own, and for days in the overview."
        maxLength={64}
        {...props}
      />
      <ZoneList id={id} />
    </>
  );
}
