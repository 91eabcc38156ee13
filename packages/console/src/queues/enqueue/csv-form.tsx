import { isNumberColumn, writeCsv } from '@colloquy/csv';
import type { OutputOf } from '@colloquy/sdk';
import { useQuery } from '@tanstack/react-query';
import { Download, FileUp } from 'lucide-react';
import { useMemo, useState } from 'react';
import { client } from '../../api/client.ts';
import { useBusinessId } from '../../app-shell/business.ts';
import { saveText } from '../../ui/browser/save-file.ts';
import { Button } from '../../ui/button.tsx';
import { SelectField } from '../../ui/forms/field.tsx';
import { type ChosenFile, FileButton } from '../../ui/forms/file-button.tsx';
import { DialogForm } from '../../ui/forms/form.tsx';
import { toFormMessage } from '../../ui/forms/number-check.ts';
import { useCheck } from '../../ui/forms/use-check.ts';
import { Failure } from '../../ui/notice.tsx';
import { formatCount, pluralize } from '../../ui/text/count.ts';
import {
  CallSettingsFields,
  NO_SETTINGS,
  parseCountry,
  settingsToWire,
  toFormError,
} from '../calls/call-settings.tsx';
import {
  type BadRow,
  type CsvCheck,
  NO_CHECK,
  NO_NUMBER_COLUMN,
  REFUSED_COLUMNS,
  withDoNotCall,
} from './csv-check.ts';
import type { CheckRequest } from './csv-worker.ts';
import { useEnqueue } from './enqueue.ts';

const openWorker = () =>
  new Worker(new URL('./csv-worker.ts', import.meta.url), { type: 'module' });

const UNREAD: CsvCheck = {
  ...NO_CHECK,
  problem: 'The file could not be read. Reload the page and choose it again.',
};

interface Props {
  readonly file: ChosenFile | null;
  readonly onFile: (file: ChosenFile) => void;
  readonly onSent: () => void;
  readonly onClose: () => void;
}

export function CsvForm({ file, onFile, onSent, onClose }: Props) {
  const businessId = useBusinessId();
  const [settings, setSettings] = useState(NO_SETTINGS);
  const [numberColumn, setNumberColumn] = useState<string | null>(null);
  const country = parseCountry(settings);
  const request = useMemo(
    (): CheckRequest | null => file && { bytes: file.bytes, country, numberColumn },
    [file, country, numberColumn],
  );
  const read = useCheck(request, openWorker, UNREAD);
  const doNotCall = useDoNotCall(file !== null);
  const check = useMemo(
    () => read && withDoNotCall(read, doNotCall, country),
    [read, doNotCall, country],
  );
  const send = useEnqueue();
  const onSubmit = () => {
    if (!file || check?.problem !== null) return;
    const csv = check.rewritten ?? file.bytes;
    send.mutate({ businessId, ...settingsToWire(settings), csv }, { onSuccess: onSent });
  };
  if (send.data && check)
    return <EnqueueResult result={send.data} check={check} onClose={onClose} />;
  return (
    <DialogForm
      submit={
        check && check.problem === null
          ? `Add ${pluralize(check.rows.length - check.bad.length, 'call')} to the queue`
          : 'Add to queue'
      }
      className="flex flex-col gap-4"
      isDisabled={check?.problem !== null || check.rows.length === check.bad.length}
      change={{ ...send, error: send.error && toFormError(send.error) }}
      onSubmit={onSubmit}
      onCancel={onClose}
    >
      <div>
        <FileButton
          className="max-w-full"
          accept=".csv,.tsv,.txt,text/csv"
          onFile={(chosen) => {
            send.reset();
            setNumberColumn(null);
            onFile(chosen);
          }}
        >
          <FileUp aria-hidden size={15} className="shrink-0" />
          <span className="truncate">{file ? file.name : 'Choose a CSV file'}</span>
        </FileButton>
        <p className="mt-1 text-xs text-ink-faint">
          The first line names the columns. One of them holds the phone numbers; TimeZone, Metadata
          and DynamicVariables are settings of the call, and all others become variables for the
          agent. A file of phone numbers alone needs no names.
        </p>
      </div>
      {file && !check && <p role="status">Checking…</p>}
      {check && check.columns.length > 0 && !check.columns.some(isNumberColumn) && (
        <NumberColumn check={check} onChoose={setNumberColumn} />
      )}
      {check && check.problem !== NO_NUMBER_COLUMN && <CheckResult check={check} />}
      <div className="grid grid-cols-1 gap-3 sm:grid-cols-3">
        <CallSettingsFields settings={settings} onChange={setSettings} />
      </div>
    </DialogForm>
  );
}

interface NumberColumnProps {
  readonly check: CsvCheck;
  readonly onChoose: (column: string) => void;
}

function NumberColumn({ check: { columns, numberColumn }, onChoose }: NumberColumnProps) {
  return (
    <div className="max-w-xs">
      <SelectField
        label="Column with the phone numbers"
        value={numberColumn ?? ''}
        onText={onChoose}
        hint={numberColumn === null && NO_NUMBER_COLUMN}
        required
      >
        {numberColumn === null && <option value="">Choose…</option>}
        {columns.map(
          (name, at) =>
            name !== '' && (
              // biome-ignore lint/suspicious/noArrayIndexKey: column names may repeat
              <option key={at} value={name}>
                {name}
              </option>
            ),
        )}
      </SelectField>
    </div>
  );
}

function CheckResult({ check }: { readonly check: CsvCheck }) {
  const { problem, columns, rows, first, bad } = check;
  if (problem !== null) return <Failure error={new Error(problem)} />;
  return (
    <section aria-label="Contents of the file" className="flex flex-col gap-3">
      <p role="status">
        <strong className="font-medium">{pluralize(rows.length, 'row')}.</strong>{' '}
        {bad.length === 0
          ? 'No problems found.'
          : `At least ${formatCount(bad.length)} of them will be refused.`}
      </p>
      <div className="overflow-x-auto rounded-lg border border-line">
        <table className="w-full text-start text-xs">
          <thead>
            <tr>
              {columns.map((name, index) => (
                <th
                  // biome-ignore lint/suspicious/noArrayIndexKey: several columns may have no name
                  key={index}
                  scope="col"
                  className="px-2 py-1 text-start font-medium text-ink-faint"
                >
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {first.map((row, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: rows may repeat
              <tr key={at} className="border-t border-line">
                {columns.map((_name, index) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: several columns may have no name
                  <td key={index} className="max-w-48 truncate px-2 py-1" dir="auto">
                    {row[index]}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <BadRows rows={bad} />
    </section>
  );
}

function BadRows({ rows }: { readonly rows: readonly BadRow[] }) {
  if (rows.length === 0) return null;
  return (
    <ul
      aria-label="Refused rows"
      className="max-h-48 overflow-y-auto rounded-lg bg-warn-soft p-3 text-xs"
    >
      {rows.slice(0, 100).map(({ line, text, why }) => (
        <li key={line} className="py-0.5">
          <strong className="font-medium text-warn">Line {line}:</strong> {why}{' '}
          <span className="font-mono break-all text-ink-soft">{text}</span>
        </li>
      ))}
      {rows.length > 100 && <li>and {formatCount(rows.length - 100)} more</li>}
    </ul>
  );
}

interface EnqueueResultProps {
  readonly result: OutputOf<'InitiateCall'>;
  readonly check: CsvCheck;
  readonly onClose: () => void;
}

function EnqueueResult({ result: { QueueIds, Rejected }, check, onClose }: EnqueueResultProps) {
  const taken = QueueIds.filter((id) => id !== null).length;
  const refused = Rejected.map(({ Index, Message }) => ({
    line: check.lines[Index] ?? Index + 2,
    record: check.rows[Index] ?? [],
    text: '',
    why: toFormMessage(Message),
  }));
  return (
    <div className="flex flex-col gap-4">
      <p role="status" className="text-base">
        <strong className="font-medium">{pluralize(taken, 'call')} added to the queue.</strong>{' '}
        {refused.length > 0 &&
          `${formatCount(refused.length)} of ${pluralize(check.rows.length, 'row was', 'rows were')} refused.`}
      </p>
      <BadRows rows={refused} />
      {refused.length > 0 && (
        <p className="text-xs text-ink-faint">
          Download them, correct them and choose the file again; its columns Line and Why are
          ignored.
        </p>
      )}
      <div className="flex justify-end gap-2">
        {refused.length > 0 && (
          <Button
            icon={Download}
            iconSize={15}
            onClick={() => {
              const lines = refused.map(({ line, why, record }) => [String(line), why, ...record]);
              const head = [...REFUSED_COLUMNS, ...check.columns];
              saveText(writeCsv([head, ...lines]), 'text/csv', 'refused-rows.csv');
            }}
          >
            Refused rows
          </Button>
        )}
        <Button text="Done" look="primary" onClick={onClose} />
      </div>
    </div>
  );
}

/** Longer lists are checked by the server only, which checks every number anyway. */
const MAX_NUMBERS = 1_000;
const NO_NUMBERS: ReadonlySet<string> = new Set();

function useDoNotCall(isWanted: boolean): ReadonlySet<string> {
  const businessId = useBusinessId();
  const { data } = useQuery({
    queryKey: ['GetDoNotCall', 'first', businessId],
    enabled: isWanted,
    queryFn: async ({ signal }) => {
      const numbers = new Set<string>();
      const items = client.items('getDoNotCall', { businessId, Limit: 100 }, { signal });
      for await (const { Number: number } of items) {
        if (numbers.add(number).size >= MAX_NUMBERS) break;
      }
      return numbers;
    },
  });
  return data ?? NO_NUMBERS;
}
