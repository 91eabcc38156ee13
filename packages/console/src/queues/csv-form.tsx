import type { OutputOf } from '@colloquy/sdk';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Download, FileUp } from 'lucide-react';
import { type ChangeEvent, useMemo, useState } from 'react';
import { client } from '../api/client.ts';
import { useBusinessId } from '../frame/business.ts';
import { Button, buttonClass } from '../ui/button.tsx';
import { Failure } from '../ui/notice.tsx';
import { saveText } from '../ui/save-file.ts';
import { CallSettingsFields, NO_SETTINGS, settingsToWire } from './call-settings.tsx';
import { type BadRow, type CsvCheck, checkCsv, NUMBER_COLUMN, toCsv } from './csv-check.ts';

interface Chosen {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Made once for each file, so that one that is sent a second time is not taken twice. */
  readonly key: string;
}

/** Also where the page came without TLS, to which a browser gives no `randomUUID`. */
const newKey = () =>
  [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('');

/** Many calls as rows of a file, looked at before they are sent. */
export function CsvForm({ onClose }: { readonly onClose: () => void }) {
  const businessId = useBusinessId();
  const queries = useQueryClient();
  const [settings, setSettings] = useState(NO_SETTINGS);
  const [file, setFile] = useState<Chosen | null>(null);
  const check = useMemo(
    () => file && checkCsv(file.bytes, settings.country !== ''),
    [file, settings.country],
  );
  const send = useMutation({
    mutationFn: ({ bytes, key }: Chosen) =>
      client.initiateCall(
        { businessId, ...settingsToWire(settings), csv: bytes },
        { idempotencyKey: key },
      ),
    onSuccess: () =>
      Promise.all(
        ['GetOutboundQueues', 'CountOutboundQueues'].map((op) =>
          queries.invalidateQueries({ queryKey: [op] }),
        ),
      ),
  });
  const choose = async ({ target }: ChangeEvent<HTMLInputElement>) => {
    const [chosen] = target.files ?? [];
    if (!chosen) return;
    send.reset();
    const bytes = new Uint8Array(await chosen.arrayBuffer());
    setFile({ name: chosen.name, bytes, key: newKey() });
    // The same file, once it was mended, is chosen again.
    target.value = '';
  };
  if (send.data && check) return <Sent result={send.data} check={check} onClose={onClose} />;
  const isReady = check?.problem === null && settings.numberId !== '';
  return (
    <div className="flex flex-col gap-4">
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
      {check && <Checked check={check} />}
      <CallSettingsFields settings={settings} onChange={setSettings} />
      {send.error && <Failure error={send.error} />}
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>Cancel</Button>
        <Button
          look="primary"
          disabled={!isReady}
          isBusy={send.isPending}
          onClick={() => file && send.mutate(file)}
        >
          {check && check.problem === null
            ? `Put ${(check.rows.length - check.bad.length).toLocaleString()} calls into the queue`
            : 'Put into the queue'}
        </Button>
      </div>
    </div>
  );
}

/** What is in the file, and what the server would refuse of it. */
function Checked({ check }: { readonly check: CsvCheck }) {
  const { problem, columns, rows, first, bad } = check;
  if (problem !== null) return <Failure error={new Error(problem)} />;
  return (
    <section aria-label="What is in the file" className="flex flex-col gap-3">
      <p role="status">
        <strong className="font-medium">{rows.length.toLocaleString()} rows.</strong>{' '}
        {bad.length === 0
          ? 'All of them look right.'
          : `${bad.length.toLocaleString()} of them will be refused; the others go in.`}
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
      {rows.length > 100 && <li>and {(rows.length - 100).toLocaleString()} more</li>}
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
          {taken.toLocaleString()} {taken === 1 ? 'call is' : 'calls are'} in the queue.
        </strong>{' '}
        {refused.length > 0 &&
          `${refused.length.toLocaleString()} of ${check.rows.length.toLocaleString()} rows were refused.`}
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
