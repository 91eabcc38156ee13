import { bind, type Edits, Field } from '../../ui/forms/field.tsx';

interface ScheduleText {
  readonly from: string;
  readonly until: string;
}

export const isBackward = ({ from, until }: ScheduleText): boolean =>
  from !== '' && until !== '' && until <= from;

export function ScheduleFields({ schedule, onChange }: Edits<'schedule', ScheduleText>) {
  const field = bind(schedule, onChange);
  return (
    <>
      <Field
        label="Not before"
        type="datetime-local"
        {...field('from')}
        hint="In your time zone; empty: now"
      />
      <Field
        label="Not after"
        type="datetime-local"
        {...field('until')}
        hint="Empty: does not expire"
        error={isBackward(schedule) ? 'The call would expire before it is due.' : null}
      />
    </>
  );
}
