import { PhoneOff } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useList } from '../api/use-list.ts';
import { useChange } from '../api/use-op.ts';
import { useBusinessId } from '../frame/business.ts';
import { Button } from '../ui/button.tsx';
import { Confirm } from '../ui/confirm.tsx';
import { TextAreaField } from '../ui/field.tsx';
import { Empty, Failure } from '../ui/notice.tsx';
import { Card, Page } from '../ui/page.tsx';
import { Time } from '../ui/time.tsx';
import { Row, Rows, Small } from './rows.tsx';

const MOST_NUMBERS = 10_000;
const number = new Intl.NumberFormat();

/** The numbers that are not to be called. */
export function DoNotCallSection() {
  const businessId = useBusinessId();
  const list = useList('GetDoNotCall', { businessId, Limit: 50 });
  return (
    <Page
      title="Do not call"
      lead="Numbers that are refused when calls are enqueued, and never handed to a worker."
    >
      <AddNumbers />
      <Card title="On the list">
        <Rows
          label="Numbers that are not to be called"
          list={list}
          empty={
            <Empty icon={PhoneOff} title="No number is on the list">
              Add those of people who have asked not to be called.
            </Empty>
          }
        >
          {(entry) => <NumberRow key={entry.Number} phone={entry.Number} addedAt={entry.AddedAt} />}
        </Rows>
      </Card>
    </Page>
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
          hint={`With + and the code of the country; up to ${number.format(MOST_NUMBERS)} at once.`}
          error={
            isTooMany ? `These are ${number.format(numbers.length)}; add them in parts.` : null
          }
        />
        {add.error && <Failure error={withLine(add.error, numbers)} />}
        <div className="flex flex-wrap items-center gap-3">
          <Button
            type="submit"
            look="primary"
            isBusy={add.isPending}
            disabled={numbers.length === 0 || isTooMany}
          >
            {numbers.length > 1 ? `Add ${number.format(numbers.length)} numbers` : 'Add'}
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
  if (added === given) return given === 1 ? 'Added.' : `Added all ${number.format(given)}.`;
  if (added === 0) return given === 1 ? 'It was on the list.' : 'All of them were on the list.';
  return `Added ${number.format(added)}; the others were on the list.`;
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
