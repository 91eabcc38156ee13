import { FileUp } from 'lucide-react';
import { type ChangeEvent, type FormEvent, useMemo, useState } from 'react';
import { useDebounced } from '../../ui/browser/use-debounced.ts';
import { Button, buttonClass } from '../../ui/button.tsx';
import { Field, SelectField, TextAreaField } from '../../ui/forms/field.tsx';
import { parseCountryCode } from '../../ui/forms/number-check.ts';
import { Failure } from '../../ui/notice.tsx';
import { Card } from '../../ui/page.tsx';
import { pluralize } from '../../ui/text/count.ts';
import { BadNumbers, CheckedNumbers } from './checked-numbers.tsx';
import { NO_COLUMN, type NumberCheck } from './number-check.ts';
import { useAddNumbers } from './use-add-numbers.ts';
import { useNumberCheck } from './use-number-check.ts';

interface ChosenFile {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export function AddNumbers() {
  const [text, setText] = useState('');
  const [file, setFile] = useState<ChosenFile | null>(null);
  const [column, setColumn] = useState<number | null>(null);
  const [country, setCountry] = useState('');
  const bytes = useBytesOf(text, file);
  const check = useNumberCheck({ bytes, country: parseCountryCode(country), column });
  const add = useAddNumbers();
  const choose = async ({ target }: ChangeEvent<HTMLInputElement>) => {
    const [chosen] = target.files ?? [];
    if (!chosen) return;
    add.reset();
    setColumn(null);
    setFile({ name: chosen.name, bytes: new Uint8Array(await chosen.arrayBuffer()) });
    // Allows choosing the same file again after it was corrected.
    target.value = '';
  };
  const clear = () => {
    setText('');
    setFile(null);
    setColumn(null);
  };
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    if (check && check.good > 0) add.mutate({ check, country }, { onSuccess: clear });
  };
  return (
    <Card title="Add numbers">
      <form onSubmit={onSubmit} className="flex max-w-xl flex-col gap-3">
        {file ? (
          <FileRow name={file.name} onRemove={clear} />
        ) : (
          <TextAreaField
            label="Numbers, one per line"
            dir="ltr"
            placeholder={'+15551234567\n+4930123456'}
            value={text}
            onChange={({ target }) => {
              setText(target.value);
              if (target.value !== '') add.reset();
            }}
            hint="With + and the country code, unless you give the country below. Or choose a CSV file: other columns of it are ignored."
          />
        )}
        {check && file && check.columns.length > 0 && (
          <NumberColumn check={check} chosen={column} onChoose={setColumn} />
        )}
        <div className="max-w-64">
          <Field
            label="Country"
            value={country}
            onChange={({ target }) => setCountry(target.value)}
            hint="For numbers without +, such as US"
            pattern="[A-Za-z]{2}"
            title="Two letters, such as US"
            maxLength={2}
          />
        </div>
        {check && <CheckedNumbers check={check} isFile={file !== null} />}
        {add.error && <Failure error={add.error} />}
        <div className="flex flex-wrap items-center gap-3">
          <Button
            type="submit"
            look="primary"
            isBusy={add.isPending}
            disabled={check === null || check.good === 0}
          >
            {check && check.good > 0 ? `Add ${pluralize(check.good, 'number', 'numbers')}` : 'Add'}
          </Button>
          {!file && <FileButton onChoose={choose} />}
          <span role="status">{add.data && addedText(add.data.added, add.data.sent)}</span>
        </div>
        {add.data && <BadNumbers title="Not added:" bad={add.data.refused} />}
      </form>
    </Card>
  );
}

const REST_MILLISECONDS = 250;

/** The bytes of the file, or of the text after a pause in typing; null if empty. */
function useBytesOf(text: string, file: ChosenFile | null): ChosenFile['bytes'] | null {
  const debounced = useDebounced(text, REST_MILLISECONDS);
  return useMemo(() => {
    if (file) return file.bytes;
    return text !== debounced || text.trim() === '' ? null : new TextEncoder().encode(text);
  }, [text, debounced, file]);
}

function FileRow({ name, onRemove }: { readonly name: string; readonly onRemove: () => void }) {
  return (
    <div className="flex items-center gap-2 rounded-lg border border-line bg-sunken py-1.5 ps-3 pe-1.5">
      <FileUp aria-hidden size={15} className="shrink-0 text-ink-faint" />
      <span className="min-w-0 flex-1 truncate font-medium" dir="auto">
        {name}
      </span>
      <Button look="quiet" onClick={onRemove} aria-label={`Remove ${name}`}>
        Remove
      </Button>
    </div>
  );
}

/** All recognized columns are used until one is chosen. */
function NumberColumn({
  check: { columns, numberColumns },
  chosen,
  onChoose,
}: {
  readonly check: NumberCheck;
  readonly chosen: number | null;
  readonly onChoose: (column: number | null) => void;
}) {
  const nameOf = (at: number) => columns[at] || `Column ${at + 1}`;
  const isUndecided = chosen === null && numberColumns.length !== 1;
  const found = numberColumns.map(nameOf).join(' and ');
  return (
    <div className="max-w-xs">
      <SelectField
        label="Column with the phone numbers"
        value={isUndecided ? '' : String(chosen ?? numberColumns[0])}
        onChange={({ target }) => onChoose(target.value === '' ? null : Number(target.value))}
        hint={numberColumns.length === 0 && NO_COLUMN}
      >
        {isUndecided && <option value="">{found === '' ? 'Choose…' : found}</option>}
        {columns.map((_name, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: column names may repeat
          <option key={at} value={at}>
            {nameOf(at)}
          </option>
        ))}
      </SelectField>
    </div>
  );
}

function addedText(added: number, sent: number): string {
  if (sent === 0) return 'Nothing was added.';
  if (added === sent) return `${pluralize(added, 'number', 'numbers')} added.`;
  if (added === 0) return 'Already on the list.';
  return `${pluralize(added, 'number', 'numbers')} added; the others were already on the list.`;
}

function FileButton({
  onChoose,
}: {
  readonly onChoose: (event: ChangeEvent<HTMLInputElement>) => void;
}) {
  return (
    <label className={`${buttonClass()} focus-within:outline-2 focus-within:outline-accent`}>
      <FileUp aria-hidden size={15} /> From a file
      <input
        type="file"
        accept=".csv,.tsv,.txt,text/csv,text/plain"
        onChange={onChoose}
        className="sr-only"
      />
    </label>
  );
}
