import { FileUp } from 'lucide-react';
import { useMemo, useState } from 'react';
import { useDebounced } from '../../ui/browser/use-debounced.ts';
import { Button } from '../../ui/button.tsx';
import { Field, Options, SelectField, TextAreaField } from '../../ui/forms/field.tsx';
import { type ChosenFile, FileButton } from '../../ui/forms/file-button.tsx';
import { Form } from '../../ui/forms/form.tsx';
import { parseCountryCode } from '../../ui/forms/number-check.ts';
import { useCheck } from '../../ui/forms/use-check.ts';
import { Failure } from '../../ui/notice.tsx';
import { Card } from '../../ui/page.tsx';
import { pluralize } from '../../ui/text/count.ts';
import { BadNumbers, CheckedNumbers } from './checked-numbers.tsx';
import { NO_COLUMN, NO_NUMBERS, type NumberCheck, type NumberRequest } from './number-check.ts';
import { useAddNumbers } from './use-add-numbers.ts';

const openWorker = () =>
  new Worker(new URL('./number-worker.ts', import.meta.url), { type: 'module' });

const UNREAD: NumberCheck = {
  ...NO_NUMBERS,
  problem: 'The numbers could not be read. Reload the page and try again.',
};

export function AddNumbers() {
  const [text, setText] = useState('');
  const [file, setFile] = useState<ChosenFile | null>(null);
  const [column, setColumn] = useState<number | null>(null);
  const [country, setCountry] = useState('');
  const bytes = useBytesOf(text, file);
  const countryCode = parseCountryCode(country);
  const request = useMemo(
    (): NumberRequest | null => bytes && { bytes, country: countryCode, column },
    [bytes, countryCode, column],
  );
  const check = useCheck(request, openWorker, UNREAD);
  const add = useAddNumbers();
  const clear = () => {
    setText('');
    setFile(null);
    setColumn(null);
  };
  const onSubmit = () => {
    if (check && check.good > 0) add.mutate({ check, country }, { onSuccess: clear });
  };
  return (
    <Card title="Add numbers">
      <Form onSubmit={onSubmit} className="flex max-w-xl flex-col gap-3">
        {file ? (
          <FileRow name={file.name} onRemove={clear} />
        ) : (
          <TextAreaField
            label="Numbers, one per line"
            dir="ltr"
            placeholder={'+15551234567\n+4930123456'}
            value={text}
            onText={(given) => {
              setText(given);
              if (given !== '') add.reset();
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
            onText={setCountry}
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
            {check && check.good > 0 ? `Add ${pluralize(check.good, 'number')}` : 'Add'}
          </Button>
          {!file && (
            <FileButton
              accept=".csv,.tsv,.txt,text/csv,text/plain"
              onFile={(chosen) => {
                add.reset();
                setColumn(null);
                setFile(chosen);
              }}
            >
              <FileUp aria-hidden size={15} /> From a file
            </FileButton>
          )}
          <span role="status">{add.data && addedText(add.data.added, add.data.sent)}</span>
        </div>
        {add.data && <BadNumbers title="Not added:" bad={add.data.refused} />}
      </Form>
    </Card>
  );
}

const REST_MILLISECONDS = 250;

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
      <Button text="Remove" look="quiet" onClick={onRemove} aria-label={`Remove ${name}`} />
    </div>
  );
}

interface NumberColumnProps {
  readonly check: NumberCheck;
  readonly chosen: number | null;
  readonly onChoose: (column: number | null) => void;
}

/** All recognized columns are used until one is chosen. */
function NumberColumn({ check: { columns, numberColumns }, chosen, onChoose }: NumberColumnProps) {
  const nameOf = (at: number) => columns[at] || `Column ${at + 1}`;
  const isUndecided = chosen === null && numberColumns.length !== 1;
  const found = numberColumns.map(nameOf).join(' and ');
  return (
    <div className="max-w-xs">
      <SelectField
        label="Column with the phone numbers"
        value={isUndecided ? '' : String(chosen ?? numberColumns[0])}
        onText={(at) => onChoose(at === '' ? null : Number(at))}
        hint={numberColumns.length === 0 && NO_COLUMN}
      >
        {isUndecided && <option value="">{found === '' ? 'Choose…' : found}</option>}
        <Options of={columns.map((_name, at) => [at, nameOf(at)])} />
      </SelectField>
    </div>
  );
}

function addedText(added: number, sent: number): string {
  if (sent === 0) return 'Nothing was added.';
  if (added === sent) return `${pluralize(added, 'number')} added.`;
  if (added === 0) return 'Already on the list.';
  return `${pluralize(added, 'number')} added; the others were already on the list.`;
}
