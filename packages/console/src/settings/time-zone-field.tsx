import { useId, useState } from 'react';
import { Field } from '../ui/forms/field.tsx';
import { findTimeZone, UNKNOWN_ZONE } from '../ui/forms/time-zone.ts';
import { ZoneList } from '../ui/forms/zone-list.tsx';

interface Props {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly disabled?: boolean;
  readonly required?: boolean;
}

export function TimeZoneField({ value, onChange, ...props }: Props) {
  const id = useId();
  const [written, setWritten] = useState<string | null>(null);
  const isUnknown = value.trim() !== '' && findTimeZone(value) === null;
  return (
    <>
      <Field
        label="Time zone"
        list={id}
        ref={(input) => input?.setCustomValidity(isUnknown ? UNKNOWN_ZONE : '')}
        value={written ?? value}
        onChange={({ target }) => {
          setWritten(target.value);
          onChange(findTimeZone(target.value) ?? target.value);
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
