import { useNavigate, useSearch } from '@tanstack/react-router';
import { PhoneOff } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useList } from '../api/use-list.ts';
import { useChange } from '../api/use-op.ts';
import { useBusinessId } from '../frame/business.ts';
import { Button } from '../ui/button.tsx';
import { Confirm } from '../ui/confirm.tsx';
import { countText } from '../ui/count.ts';
import { Field, TextAreaField } from '../ui/field.tsx';
import { Empty, Failure } from '../ui/notice.tsx';
import { Card, Page } from '../ui/page.tsx';
import { Time } from '../ui/time.tsx';
import { Row, Rows, Small } from './rows.tsx';

const MOST_NUMBERS = 10_000;

/** The numbers that are not to be called. */
export function DoNotCallSection() {
  const businessId = useBusinessId();
  const { number: start } = useSearch({ from: '/inside/b/$businessId/settings/$section' });
  const navigate = useNavigate({ from: '/b/$businessId/settings/$section' });
  const find = (number: string | undefined) => void navigate({ search: { number } });
  const list = useList('GetDoNotCall', {
    businessId,
    Limit: 50,
    ...(start !== undefined && { StartsWith: start }),
  });
  return (
    <Page
      title="Do not call"
      lead="Numbers that are refused when calls are enqueued, and never handed to a worker."
    >
      <AddNumbers />
      <Card title="On the list">
        <FindNumber start={start} onFind={find} />
        <Rows
          label="Numbers that are not to be called"
          list={list}
          empty={
            start === undefined ? (
              <Empty icon={PhoneOff} title="No number is on the list">
                Add those of people who have asked not to be called.
              </Empty>
            ) : (
              <Empty icon={PhoneOff} title={`No number on the list begins with ${start}`} />
            )
          }
        >
          {(entry) => <NumberRow key={entry.Number} phone={entry.Number} addedAt={entry.AddedAt} />}
        </Rows>
      </Card>
    </Page>
  );
}

/** What people write between digits. */
const BETWEEN = /[\s()./-]/g;
const START = /^\+?\d{1,15}$/;

/** Narrows the list to the numbers that begin so; a whole number is one of them. */
function FindNumber({
  start,
  onFind,
}: {
  readonly start: string | undefined;
  readonly onFind: (start: string | undefined) => void;
}) {
  const [given, setGiven] = useState(start ?? '');
  const [isChecked, setChecked] = useState(false);
  // What is looked for is in the address, which changes by itself when somebody goes back.
  const [shown, setShown] = useState(start);
  if (shown !== start) {
    setShown(start);
    setGiven(start ?? '');
  }
  const digits = given.replaceAll(BETWEEN, '');
  const isRight = digits === '' || START.test(digits);
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    setChecked(true);
    if (isRight) onFind(digits === '' ? undefined : digits.replace(/^\+?/, '+'));
  };
  return (
    <form onSubmit={onSubmit} className="mb-2 flex max-w-xl gap-2 max-sm:flex-col">
      <div className="min-w-0 flex-1">
        <Field
          label="Find a number"
          type="tel"
          dir="ltr"
          value={given}
          onChange={({ target }) => setGiven(target.value)}
          placeholder="+49 30"
          hint="Its first digits, with the code of the country."
          error={isChecked && !isRight ? 'Write digits, such as +49 30.' : null}
          maxLength={64}
        />
      </div>
      <div className="flex gap-2 sm:mt-6 sm:pt-0.5">
        <Button type="submit">Find</Button>
        {start !== undefined && (
          <Button look="quiet" onClick={() => onFind(undefined)}>
            Show all
          </Button>
        )}
      </div>
    </form>
  );
}

function AddNumbers() {
  const businessId = useBusinessId();
  const [text, setText] = useState('');
  const add = useChange('AddDoNotCall', ['GetDoNotCall']);
  const numbers = text.split(/[\n,;]/).flatMap((line) => line.trim() || []);
  const isTooMany = numbers.length > MOST_NUMBERS;
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    if (numbers.length > 0)
      add.mutate({ businessId, Numbers: numbers }, { onSuccess: () => setText('') });
  };
  const given = add.variables?.Numbers.length ?? 0;
  return (
    <Card title="Add numbers">
      <form onSubmit={onSubmit} className="flex max-w-xl flex-col gap-3">
        <TextAreaField
          label="Numbers, one on a line"
          dir="ltr"
          placeholder={'+15551234567\n+4930123456'}
          value={text}
          onChange={({ target }) => setText(target.value)}
          hint={`With + and the code of the country; up to ${countText(MOST_NUMBERS)} at once.`}
          error={isTooMany ? `These are ${countText(numbers.length)}; add them in parts.` : null}
        />
        {add.error && <Failure error={withLine(add.error, numbers)} />}
        <div className="flex flex-wrap items-center gap-3">
          <Button
            type="submit"
            look="primary"
            isBusy={add.isPending}
            disabled={numbers.length === 0 || isTooMany}
          >
            {numbers.length > 1 ? `Add ${countText(numbers.length)} numbers` : 'Add'}
          </Button>
          <span role="status">{add.data && addedText(add.data.Added, given)}</span>
        </div>
      </form>
    </Card>
  );
}

/** What the server says of one number, with the number. */
function withLine(error: Error, numbers: readonly string[]): Error {
  const [, place, why] = /^Numbers\[(\d+)\] (.+)$/s.exec(error.message) ?? [];
  const wrong = numbers[Number(place)];
  return wrong === undefined ? error : new Error(`None was added: ${wrong} ${why}`);
}

function addedText(added: number, given: number): string {
  if (added === given) return given === 1 ? 'Added.' : `Added all ${countText(given)}.`;
  if (added === 0) return given === 1 ? 'It was on the list.' : 'All of them were on the list.';
  return `Added ${countText(added)}; the others were on the list.`;
}

function NumberRow({ phone, addedAt }: { readonly phone: string; readonly addedAt: string }) {
  const businessId = useBusinessId();
  const [asks, setAsks] = useState(false);
  const remove = useChange('RemoveDoNotCall', ['GetDoNotCall']);
  return (
    <Row
      actions={
        <Button look="danger" aria-label={`Remove ${phone}`} onClick={() => setAsks(true)}>
          Remove
        </Button>
      }
    >
      <p dir="ltr" className="text-start font-medium tabular">
        {phone}
      </p>
      <Small
        parts={[
          <>
            added <Time at={addedAt} />
          </>,
        ]}
      />
      <Confirm
        title={`Take ${phone} off the list?`}
        action="Take off the list"
        isOpen={asks}
        isBusy={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate({ businessId, number: phone })}
        onClose={() => setAsks(false)}
      >
        It may be called again, and calls that wait for it are due at once.
      </Confirm>
    </Row>
  );
}
