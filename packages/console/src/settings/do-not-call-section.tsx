import { useNavigate, useSearch } from '@tanstack/react-router';
import { FileUp, PhoneOff } from 'lucide-react';
import { type ChangeEvent, type FormEvent, useState } from 'react';
import { type List, useList } from '../api/use-list.ts';
import { useChange } from '../api/use-op.ts';
import { useBusinessId } from '../frame/business.ts';
import { Button, buttonClass } from '../ui/button.tsx';
import { Confirm } from '../ui/confirm.tsx';
import { countOf, countText } from '../ui/count.ts';
import { Field, TextAreaField } from '../ui/field.tsx';
import { Empty, Failure } from '../ui/notice.tsx';
import { wrongWithNumber } from '../ui/number-check.ts';
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
      lead="Calls to these numbers are refused and never handed to a worker."
    >
      <AddNumbers />
      <Card title="On the list" lead={start === undefined ? listedText(list) : undefined}>
        <FindNumber start={start} onFind={find} />
        <Rows
          label="Do-not-call numbers"
          list={list}
          empty={
            start === undefined ? (
              <Empty icon={PhoneOff} title="No numbers yet">
                Add numbers of people who have asked not to be called.
              </Empty>
            ) : (
              <Empty icon={PhoneOff} title={`No number on the list starts with ${start}`} />
            )
          }
        >
          {(entry) => <NumberRow key={entry.Number} phone={entry.Number} addedAt={entry.AddedAt} />}
        </Rows>
      </Card>
    </Page>
  );
}

/** How many there are, as far as has been read. */
function listedText({ items, hasMore }: Pick<List<unknown>, 'items' | 'hasMore'>) {
  if (items === null || items.length === 0) return undefined;
  return `${hasMore ? 'More than ' : ''}${countOf(items.length, 'number', 'numbers')}`;
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
          hint="First digits, with the country code."
          error={isChecked && !isRight ? 'Enter digits, such as +49 30.' : null}
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

interface Written {
  readonly number: string;
  /** Counts from 1. */
  readonly line: number;
}

/** The numbers of a text or file: one on a line, or several with commas or semicolons between them. */
const writtenIn = (text: string): Written[] =>
  text.split('\n').flatMap((row, index) =>
    row.split(/[,;]/).flatMap((part) => {
      const number = part.replaceAll('"', '').trim();
      return number === '' ? [] : [{ number, line: index + 1 }];
    }),
  );

function AddNumbers() {
  const businessId = useBusinessId();
  const [text, setText] = useState('');
  const [isChecked, setChecked] = useState(false);
  const add = useChange('AddDoNotCall', ['GetDoNotCall']);
  const written = writtenIn(text);
  const numbers = written.map(({ number }) => number);
  const bad = written.flatMap(({ number, line }) => {
    const why = wrongWithNumber(number, false);
    return why === null ? [] : [{ number, line, why }];
  });
  const isTooMany = numbers.length > MOST_NUMBERS;
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    setChecked(true);
    if (numbers.length === 0 || bad.length > 0) return;
    add.mutate(
      { businessId, Numbers: numbers },
      {
        onSuccess: () => {
          setText('');
          setChecked(false);
        },
      },
    );
  };
  const choose = async ({ target }: ChangeEvent<HTMLInputElement>) => {
    const [file] = target.files ?? [];
    if (!file) return;
    setText(await file.text());
    setChecked(true);
    target.value = '';
  };
  const given = add.variables?.Numbers.length ?? 0;
  return (
    <Card title="Add numbers">
      <form onSubmit={onSubmit} className="flex max-w-xl flex-col gap-3">
        <TextAreaField
          label="Numbers, one per line"
          dir="ltr"
          placeholder={'+15551234567\n+4930123456'}
          value={text}
          onChange={({ target }) => setText(target.value)}
          onBlur={() => setChecked(true)}
          hint={`With + and the country code; up to ${countText(MOST_NUMBERS)} at once.`}
          error={isTooMany ? `These are ${countText(numbers.length)}; add them in parts.` : null}
        />
        {isChecked && bad.length > 0 && <BadNumbers bad={bad} />}
        {add.error && <Failure error={withLine(add.error, written)} />}
        <div className="flex flex-wrap items-center gap-3">
          <Button
            type="submit"
            look="primary"
            isBusy={add.isPending}
            disabled={numbers.length === 0 || isTooMany}
          >
            {numbers.length > 1 ? `Add ${countText(numbers.length)} numbers` : 'Add'}
          </Button>
          <label className={`${buttonClass()} focus-within:outline-2 focus-within:outline-accent`}>
            <FileUp aria-hidden size={15} /> From a file
            <input
              type="file"
              accept=".csv,.txt,text/csv,text/plain"
              onChange={choose}
              className="sr-only"
            />
          </label>
          <span role="status">{add.data && addedText(add.data.Added, given)}</span>
        </div>
      </form>
    </Card>
  );
}

const MOST_SHOWN = 100;

/** All that would be refused, with which nothing is sent: the server takes all numbers or none. */
function BadNumbers({ bad }: { readonly bad: readonly (Written & { readonly why: string })[] }) {
  return (
    <div role="alert" className="rounded-lg bg-warn-soft p-3 text-xs">
      <p className="font-medium">
        Correct or remove {countOf(bad.length, 'number', 'numbers')} first:
      </p>
      <ul aria-label="Invalid numbers" className="mt-1 max-h-48 overflow-y-auto">
        {bad.slice(0, MOST_SHOWN).map(({ line, number, why }, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a line may hold several
          <li key={index} className="py-0.5">
            <strong className="font-medium text-warn">Line {line}:</strong> {why}{' '}
            <bdi className="font-mono break-all text-ink-soft">{number}</bdi>
          </li>
        ))}
        {bad.length > MOST_SHOWN && <li>and {countText(bad.length - MOST_SHOWN)} more</li>}
      </ul>
    </div>
  );
}

/** What the server says of one number, with the number and its line. */
function withLine(error: Error, written: readonly Written[]): Error {
  const [, place, why] = /^Numbers\[(\d+)\] (.+)$/s.exec(error.message) ?? [];
  const wrong = written[Number(place)];
  return wrong === undefined
    ? error
    : new Error(`No numbers were added. Line ${wrong.line}: ${wrong.number} ${why}`);
}

function addedText(added: number, given: number): string {
  if (added === given) return `${countOf(given, 'number', 'numbers')} added.`;
  if (added === 0) return 'Already on the list.';
  return `${countOf(added, 'number', 'numbers')} added; the others were already on the list.`;
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
        title={`Remove ${phone} from the list?`}
        action="Remove number"
        isOpen={asks}
        isBusy={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate({ businessId, number: phone })}
        onClose={() => setAsks(false)}
      >
        It may be called again, and waiting calls to it become due at once.
      </Confirm>
    </Row>
  );
}
