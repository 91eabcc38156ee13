import { type FormEvent, useState } from 'react';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field } from '../ui/field.tsx';

interface Range {
  readonly from: string | undefined;
  readonly to: string | undefined;
}

/** Asks for two times by the clock of whoever reads; either may be left out. */
export function RangeForm({
  isOpen,
  onClose,
  from,
  to,
  onChoose,
}: Range & {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly onChoose: (range: Range) => void;
}) {
  const [given, setGiven] = useState({ from: localOf(from), to: localOf(to) });
  const isBackward = given.from !== '' && given.to !== '' && given.from > given.to;
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    if (isBackward) return;
    onChoose({ from: instantOf(given.from), to: instantOf(given.to) });
    onClose();
  };
  return (
    <Dialog
      title="Started between"
      description={`By your clock (${Intl.DateTimeFormat().resolvedOptions().timeZone}). Leave one empty for no bound.`}
      isOpen={isOpen}
      onClose={onClose}
    >
      <form onSubmit={onSubmit} className="flex flex-col gap-3">
        <Field
          label="From"
          type="datetime-local"
          value={given.from}
          onChange={({ target }) => setGiven({ ...given, from: target.value })}
        />
        <Field
          label="To"
          type="datetime-local"
          value={given.to}
          error={isBackward ? 'This is before the other one.' : null}
          onChange={({ target }) => setGiven({ ...given, to: target.value })}
        />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary">
            Show
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

/** As the browser's field has it: local, to the minute. */
function localOf(instant: string | undefined): string {
  if (instant === undefined) return '';
  const date = new Date(instant);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

const instantOf = (local: string): string | undefined =>
  local === '' ? undefined : new Date(local).toISOString();
