import { Field } from '../../ui/forms/field.tsx';

/** Local times of `datetime-local`; empty if not given. */
interface ScheduleText {
  readonly from: string;
  readonly until: string;
}

export const isBackward = ({ from, until }: ScheduleText): boolean =>
  from !== '' && until !== '' && until <= from;

export function ScheduleFields({
  schedule,
  onChange,
}: {
  readonly schedule: ScheduleText;
  readonly onChange: (schedule: ScheduleText) => void;
}) {
  return (
    <>
      <Field
        label="Not before"
        type="datetime-local"
        value={schedule.from}
        onChange={({ target }) => onChange({ ...schedule, from: target.value })}
        hint="In your time zone; empty: now"
      />
      <Field
        label="Not after"
        type="datetime-local"
        value={schedule.until}
        onChange={({ target }) => onChange({ ...schedule, until: target.value })}
        hint="Empty: does not expire"
        error={isBackward(schedule) ? 'The call would expire before it is due.' : null}
      />
    </>
  );
}
