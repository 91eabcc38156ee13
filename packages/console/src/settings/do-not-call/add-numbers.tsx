import type { OutputOf } from '@colloquy/sdk';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { FileUp } from 'lucide-react';
import { type ChangeEvent, type FormEvent, useMemo, useState } from 'react';
import { client } from '../../api/client.ts';
import { useBusinessId } from '../../app-shell/business.ts';
import { useRested } from '../../ui/browser/use-rested.ts';
import { Button, buttonClass } from '../../ui/button.tsx';
import { Field, SelectField, TextAreaField } from '../../ui/forms/field.tsx';
import { countryCodeOf, inFormWords } from '../../ui/forms/number-check.ts';
import { Failure } from '../../ui/notice.tsx';
import { Card } from '../../ui/page.tsx';
import { countOf, countText } from '../../ui/text/count.ts';
import { type BadNumber, NO_COLUMN, type NumberCheck } from './number-check.ts';
import { useNumberCheck } from './use-number-check.ts';

interface ChosenFile {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Adds numbers that are typed in, or those of a file, which may have other columns too. */
export function AddNumbers() {
  const [text, setText] = useState('');
  const [file, setFile] = useState<ChosenFile | null>(null);
  const [column, setColumn] = useState<number | null>(null);
  const [country, setCountry] = useState('');
  const bytes = useBytesOf(text, file);
  const check = useNumberCheck({ bytes, country: countryCodeOf(country), column });
  const add = useAddNumbers();
  const choose = async ({ target }: ChangeEvent<HTMLInputElement>) => {
    const [chosen] = target.files ?? [];
    if (!chosen) return;
    add.reset();
    setColumn(null);
    setFile({ name: chosen.name, bytes: new Uint8Array(await chosen.arrayBuffer()) });
    // The same file, once it was corrected, can be chosen again.
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
          <File name={file.name} onRemove={clear} />
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
        {check && <Checked check={check} isFile={file !== null} />}
        {add.error && <Failure error={add.error} />}
        <div className="flex flex-wrap items-center gap-3">
          <Button
            type="submit"
            look="primary"
            isBusy={add.isPending}
            disabled={check === null || check.good === 0}
          >
            {check && check.good > 0 ? `Add ${countOf(check.good, 'number', 'numbers')}` : 'Add'}
          </Button>
          {!file && (
            <label
              className={`${buttonClass()} focus-within:outline-2 focus-within:outline-accent`}
            >
              <FileUp aria-hidden size={15} /> From a file
              <input
                type="file"
                accept=".csv,.tsv,.txt,text/csv,text/plain"
                onChange={choose}
                className="sr-only"
              />
            </label>
          )}
          <span role="status">{add.data && addedText(add.data.added, add.data.sent)}</span>
        </div>
        {add.data && <BadNumbers title="Not added:" bad={add.data.refused} />}
      </form>
    </Card>
  );
}

const REST_MILLISECONDS = 250;

/** The bytes of a file, or of a text in which no letter was typed just now; null if there is nothing. */
function useBytesOf(text: string, file: ChosenFile | null): ChosenFile['bytes'] | null {
  const rested = useRested(text, REST_MILLISECONDS);
  return useMemo(() => {
    if (file) return file.bytes;
    return text !== rested || text.trim() === '' ? null : new TextEncoder().encode(text);
  }, [text, rested, file]);
}

interface Adding {
  readonly check: NumberCheck;
  readonly country: string;
}

interface Added {
  readonly added: number;
  /** How many numbers the server took, those included that were on the list already. */
  readonly sent: number;
  readonly refused: readonly BadNumber[];
}

function useAddNumbers() {
  const businessId = useBusinessId();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async ({ check, country }: Adding): Promise<Added> => {
      const answer = await client.addDoNotCall({
        businessId,
        csv: check.csv,
        ...(country !== '' && { DefaultCountry: country.toUpperCase() }),
      });
      const refused = refusedOf(check, answer);
      return { added: answer.Added, sent: check.numbers.length - answer.Rejected.length, refused };
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: ['GetDoNotCall'] }),
  });
}

/** What the server rejected, by the lines of the file, and the rows that were not sent. */
function refusedOf(check: NumberCheck, { Rejected }: OutputOf<'AddDoNotCall'>): BadNumber[] {
  const rejected = Rejected.flatMap(({ Index, Message }) => {
    const cell = check.numbers[Index];
    return cell ? [{ line: cell.line, text: cell.text, why: inFormWords(Message) }] : [];
  });
  const sent = new Set(check.numbers.map(({ line }) => line));
  return [...rejected, ...check.bad.filter(({ line }) => !sent.has(line))].sort(
    (a, b) => a.line - b.line,
  );
}

function File({ name, onRemove }: { readonly name: string; readonly onRemove: () => void }) {
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

/** Which column has the numbers; several, as long as none was chosen and their names say so. */
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
  const isSeveral = chosen === null && numberColumns.length !== 1;
  const found = numberColumns.map(nameOf).join(' and ');
  return (
    <div className="max-w-xs">
      <SelectField
        label="Column with the phone numbers"
        value={isSeveral ? '' : String(chosen ?? numberColumns[0])}
        onChange={({ target }) => onChoose(target.value === '' ? null : Number(target.value))}
        hint={numberColumns.length === 0 && NO_COLUMN}
      >
        {isSeveral && <option value="">{found === '' ? 'Choose…' : found}</option>}
        {columns.map((_name, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two columns may have one name
          <option key={at} value={at}>
            {nameOf(at)}
          </option>
        ))}
      </SelectField>
    </div>
  );
}

function Checked({ check, isFile }: { readonly check: NumberCheck; readonly isFile: boolean }) {
  const { problem, good, bad } = check;
  if (problem === NO_COLUMN && isFile) return null;
  if (problem !== null) return <Failure error={new Error(problem)} />;
  if (isFile && good + bad.length === 0) {
    return <Failure error={new Error('There are no numbers in this file.')} />;
  }
  const others = good === 0 ? '' : `; the ${good === 1 ? 'other is' : 'others are'} added`;
  const title = `${countOf(bad.length, 'number', 'numbers')} cannot be added${others}:`;
  return (
    <>
      {isFile && good > 0 && bad.length === 0 && (
        <p role="status">{countOf(good, 'number', 'numbers')} found, no problems.</p>
      )}
      <BadNumbers title={title} bad={bad} />
    </>
  );
}

const MAX_SHOWN = 100;

function BadNumbers({
  title,
  bad,
}: {
  readonly title: string;
  readonly bad: readonly BadNumber[];
}) {
  if (bad.length === 0) return null;
  return (
    <div role="alert" className="rounded-lg bg-warn-soft p-3 text-xs">
      <p className="font-medium">{title}</p>
      <ul aria-label="Invalid numbers" className="mt-1 max-h-48 overflow-y-auto">
        {bad.slice(0, MAX_SHOWN).map(({ line, text, why }, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a line may hold several
          <li key={index} className="py-0.5">
            <strong className="font-medium text-warn">Line {line}:</strong> {why}{' '}
            <bdi className="font-mono break-all text-ink-soft">{text}</bdi>
          </li>
        ))}
        {bad.length > MAX_SHOWN && <li>and {countText(bad.length - MAX_SHOWN)} more</li>}
      </ul>
    </div>
  );
}

function addedText(added: number, sent: number): string {
  if (sent === 0) return 'Nothing was added.';
  if (added === sent) return `${countOf(added, 'number', 'numbers')} added.`;
  if (added === 0) return 'Already on the list.';
  return `${countOf(added, 'number', 'numbers')} added; the others were already on the list.`;
}
