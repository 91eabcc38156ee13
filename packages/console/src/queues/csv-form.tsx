import type { OutputOf } from '@colloquy/sdk';
import { Download, FileUp } from 'lucide-react';
import { type ChangeEvent, type FormEvent, useState } from 'react';
import { useBusinessId } from '../frame/business.ts';
import { Button, buttonClass } from '../ui/button.tsx';
import { countOf, countText } from '../ui/count.ts';
import { Failure } from '../ui/notice.tsx';
import { saveText } from '../ui/save-file.ts';
import { CallSettingsFields, hasCountry, NO_SETTINGS, settingsToWire } from './call-settings.tsx';
import { type BadRow, type CsvCheck, NUMBER_COLUMN, toCsv } from './csv-check.ts';
import { useEnqueue } from './enqueue.ts';
import { useCsvCheck } from './use-csv-check.ts';

interface Chosen {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Many calls as rows of a file, looked at before they are sent. */
export function CsvForm({ onClose }: { readonly onClose: () => void }) {
  const businessId = useBusinessId();
  const [settings, setSettings] = useState(NO_SETTINGS);
  const [file, setFile] = useState<Chosen | null>(null);
  const check = useCsvCheck(file?.bytes ?? null, hasCountry(settings));
  const send = useEnqueue();
  const choose = async ({ target }: ChangeEvent<HTMLInputElement>) => {
    const [chosen] = target.files ?? [];
    if (!chosen) return;
    send.reset();
    const bytes = new Uint8Array(await chosen.arrayBuffer());
    setFile({ name: chosen.name, bytes });
    // The same file, once it was mended, is chosen again.
    target.value = '';
  };
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    if (!file || check?.problem !== null) return;
    send.mutate({ businessId, ...settingsToWire(settings), csv: file.bytes });
  };
  if (send.data && check) return <Sent result={send.data} check={check} onClose={onClose} />;
  return (
    <form onSubmit={onSubmit} className="flex flex-col gap-4">
      <div>
        <label className={`${buttonClass()} focus-within:outline-2 focus-within:outline-accent`}>
          <FileUp aria-hidden size={15} />
          {file ? file.name : 'Choose a CSV file'}
          <input type="file" accept=".csv,text/csv" onChange={choose} className="sr-only" />
        </label>
        <p className="mt-1 text-xs text-ink-faint">
          The first line names the columns. {NUMBER_COLUMN} is the number; the others become
          variables for the agent.
        </p>
      </div>
      {file && !check && <p role="status">Checking…</p>}
      {check && <Checked check={check} />}
      <CallSettingsFields settings={settings} onChange={setSettings} />
      {send.error && <Failure error={send.error} />}
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>Cancel</Button>
        <Button
          type="submit"
          look="primary"
          disabled={check?.problem !== null || check.rows.length === check.bad.length}
          isBusy={send.isPending}
        >
          {check && check.problem === null
            ? `Put ${countOf(check.rows.length - check.bad.length, 'call', 'calls')} into the queue`
            : 'Put into the queue'}
        </Button>
      </div>
    </form>
  );
}

/** What is in the file, and what the server would refuse of it. */
function Checked({ check }: { readonly check: CsvCheck }) {
  const { problem, columns, rows, first, bad } = check;
  if (problem !== null) return <Failure error={new Error(problem)} />;
  return (
    <section aria-label="What is in the file" className="flex flex-col gap-3">
      <p role="status">
        <strong className="font-medium">{countOf(rows.length, 'row', 'rows')}.</strong>{' '}
        {bad.length === 0
          ? 'All of them look right.'
          : `${countText(bad.length)} of them will be refused; the others go in.`}
      </p>
      <div className="overflow-x-auto rounded-lg border border-line">
        <table className="w-full text-start text-xs">
          <thead>
            <tr>
              {columns.map((name) => (
                <th
                  key={name}
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
              // biome-ignore lint/suspicious/noArrayIndexKey: two rows may be the same
              <tr key={at} className="border-t border-line">
                {columns.map((name, index) => (
                  <td key={name} className="max-w-48 truncate px-2 py-1" dir="auto">
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
      {rows.length > 100 && <li>and {countText(rows.length - 100)} more</li>}
    </ul>
  );
}

/** What went in, and what the server refused. */
function Sent({
  result: { QueueIds, Rejected },
  check,
  onClose,
}: {
  readonly result: OutputOf<'InitiateCall'>;
  readonly check: CsvCheck;
  readonly onClose: () => void;
}) {
  const taken = QueueIds.filter((id) => id !== null).length;
  const refused = Rejected.map(({ Line, Index, Message }) => ({
    line: Line ?? Index + 2,
    record: check.rows[Index] ?? [],
    text: '',
    why: Message,
  }));
  return (
    <div className="flex flex-col gap-4">
      <p role="status" className="text-base">
        <strong className="font-medium">
          {countOf(taken, 'call is', 'calls are')} in the queue.
        </strong>{' '}
        {refused.length > 0 &&
          `${countText(refused.length)} of ${countOf(check.rows.length, 'row was', 'rows were')} refused.`}
      </p>
      <BadRows rows={refused} />
      {refused.length > 0 && (
        <p className="text-xs text-ink-faint">
          Save them to mend them; take the columns Line and Why out before you send them again.
        </p>
      )}
      <div className="flex justify-end gap-2">
        {refused.length > 0 && (
          <Button
            onClick={() => {
              const lines = refused.map(({ line, why, record }) => [String(line), why, ...record]);
              const head = ['Line', 'Why', ...check.columns];
              saveText(toCsv([head, ...lines]), 'text/csv', 'refused-rows.csv');
            }}
          >
            <Download aria-hidden size={15} /> Refused rows
          </Button>
        )}
        <Button look="primary" onClick={onClose}>
          Done
        </Button>
      </div>
    </div>
  );
}
