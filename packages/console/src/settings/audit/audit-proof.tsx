import { useMutation } from '@tanstack/react-query';
import { Download } from 'lucide-react';
import { client } from '../../api/client.ts';
import { useChange, useOp } from '../../api/use-op.ts';
import { visibleData } from '../../api/visible-data.ts';
import { useBusinessId, useMay } from '../../app-shell/business.ts';
import { saveText } from '../../ui/browser/save-file.ts';
import { Button, buttonClass } from '../../ui/button.tsx';
import { Check } from '../../ui/forms/check.tsx';
import { Failure } from '../../ui/notice.tsx';
import { Card } from '../../ui/page.tsx';
import { formatCount } from '../../ui/text/count.ts';
import { CopyLine } from '../api-keys/secret.tsx';
import { dated } from '../rows.tsx';

export function AuditProof() {
  return (
    <div className="grid grid-cols-1 gap-4 lg:grid-cols-2">
      <Reads />
      <Chain />
    </div>
  );
}

function Reads() {
  const businessId = useBusinessId();
  const mayChange = useMay()('Settings', 'Editing');
  const read = useOp('GetAuditSettings', { businessId });
  const data = visibleData(read);
  const put = useChange('PutAuditSettings', ['GetAuditSettings', 'GetAudit']);
  return (
    <Card title="Logging">
      {read.error && <Failure error={read.error} onRetry={() => void read.refetch()} />}
      <Check
        layout="flex items-start gap-2.5"
        className="mt-0.5"
        checked={data?.LogReads ?? false}
        disabled={!data || !mayChange || put.isPending}
        onCheck={(LogReads) => put.mutate({ businessId, LogReads })}
      >
        <span>
          Also log who reads what
          <span className="block text-ink-soft">
            Changes are always logged. With this, every conversation and call that someone opens is
            logged too.
          </span>
        </span>
      </Check>
      {put.error && <Failure error={put.error} />}
    </Card>
  );
}

function Chain() {
  const businessId = useBusinessId();
  const { data } = useOp('GetAudit', { businessId, Limit: 1 });
  const last = data?.Items[0];
  const heads = useMutation({
    mutationFn: async () => {
      const lines: string[] = [];
      for await (const head of client.items('getAuditHeads', { businessId, Limit: 100 })) {
        lines.push(`${head.Signature}\n`);
      }
      saveText(lines.join(''), 'text/plain', `audit-heads-${businessId}.txt`);
    },
  });
  return (
    <Card
      title="Proof of integrity"
      lead="Each entry contains the hash of the previous one. The server signs the newest."
    >
      {/* Takes its space before the entry is loaded. */}
      <dl className="grid grid-cols-[auto_1fr] gap-x-6 gap-y-1 [&_dt]:text-ink-faint">
        <dt>Newest entry</dt>
        <dd className="min-w-0 tabular">
          {last ? dated(`${formatCount(last.Number)},`, last.At) : '–'}
        </dd>
        <dt>Hash</dt>
        <dd className="min-w-0 truncate font-mono text-xs leading-5" title={last?.Hash}>
          {last?.Hash ?? '–'}
        </dd>
      </dl>
      <div className="mt-3 flex flex-wrap gap-2">
        <Button icon={Download} isBusy={heads.isPending} onClick={() => heads.mutate()}>
          {heads.isPending ? 'Reading…' : 'Signed heads'}
        </Button>
        <a href=".well-known/jwks.json" download="jwks.json" className={buttonClass()}>
          <Download aria-hidden size={14} /> Public keys
        </a>
      </div>
      {heads.error && <Failure error={heads.error} />}
      <details className="mt-3">
        <summary className="min-h-6 w-fit rounded text-ink-soft">How to verify the log</summary>
        <p className="mt-1 text-ink-soft">
          Keep both files outside of this server: the log must contain every signed head. This
          command checks all of it, with an API key that may view the settings:
        </p>
        <CopyLine
          text={`colloquy verify-audit --business ${businessId} --keys jwks.json --heads audit-heads-${businessId}.txt`}
        />
      </details>
    </Card>
  );
}
