import { useId, useState } from 'react';
import { Field } from '../ui/forms/field.tsx';
import { timeZoneOf, UNKNOWN_ZONE } from '../ui/forms/time-zone.ts';
import { ZoneList } from '../ui/forms/zone-list.tsx';

/** A time zone, found by a part of its name among those that the browser knows; what is chosen is its IANA name. */
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
  /** What is being written, until it is left. */
  const [written, setWritten] = useState<string | null>(null);
  const isUnknown = value.trim() !== '' && timeZoneOf(value) === null;
  return (
    <>
      <Field
        label="Time zone"
        list={id}
        ref={(input) => input?.setCustomValidity(isUnknown ? UNKNOWN_ZONE : '')}
        value={written ?? value}
        onChange={({ target }) => {
          setWritten(target.value);
          onChange(timeZoneOf(target.value) ?? target.value);
        }}
        onBlur={() => setWritten(null)}
        error={isUnknown && written === null ? UNKNOWN_ZONE : null}
        placeholder="Europe/Berlin"
        hint="Used for calling hours without a zone of their own, and for days in the overview."
        maxLength={64}
        {...props}
      />
      <ZoneList id={id} />
    </>
  );
}
