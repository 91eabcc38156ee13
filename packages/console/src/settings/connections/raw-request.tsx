import { useOp } from '../../api/use-op.ts';
import { visibleData } from '../../api/visible-data.ts';
import { useBusinessId, useMay } from '../../app-shell/business.ts';
import { CopyButton } from '../../ui/copy-button.tsx';
import { ReadState } from '../../ui/notice.tsx';
import { BodyText } from '../body-text.tsx';
import type { Received } from './connection.ts';

interface Props {
  readonly connectionId: string;
  readonly received: Received;
}

/** Read only if it is opened: a read of content is in the audit log. */
export function RawRequest({ connectionId, received }: Props) {
  const businessId = useBusinessId();
  const read = useOp('GetConnectionDelivery', {
    businessId,
    connectionId,
    deliveryId: received.DeliveryId,
  });
  const raw = visibleData(read);
  const why = useReason(received);
  return (
    <div className="mt-1 flex flex-col gap-3">
      <ReadState read={read} />
      {raw && raw.Headers === null && raw.Body === null && <p className="text-ink-soft">{why}</p>}
      {raw && raw.Headers !== null && (
        <section>
          <h3 className="font-medium">Headers</h3>
          <dl className="mt-1 grid grid-cols-1 gap-x-4 gap-y-1 font-mono text-xs sm:grid-cols-[auto_1fr] [&_dt]:text-ink-faint">
            {Object.entries(raw.Headers).map(([name, value]) => (
              <div key={name} className="contents">
                <dt>{name}</dt>
                <dd dir="ltr" className="min-w-0 text-start break-all">
                  {value}
                </dd>
              </div>
            ))}
          </dl>
        </section>
      )}
      {raw && raw.Body !== null && (
        <section>
          <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <h3 className="font-medium">Body</h3>
            <CopyButton text={raw.Body} look="quiet" />
          </div>
          <BodyText text={raw.Body} />
        </section>
      )}
      <p className="text-xs break-all text-ink-faint">{received.DeliveryId}</p>
    </div>
  );
}

/** Larger bodies are not masked. */
const MAX_MASKED_BYTES = 512 * 1024;
const REMOVED = 'Headers and body were removed by an erasure or a purge of the transcript.';

/** Why the API returned neither headers nor body. */
function useReason({ Status, Bytes }: Received): string {
  const may = useMay();
  if (!may('Conversations.ConversationPermissions', 'Retrieving')) {
    return 'Your role does not include reading conversations, and so not what was received about them.';
  }
  if (may('Conversations.Unredacted', 'Retrieving')) return REMOVED;
  if (Bytes > MAX_MASKED_BYTES) {
    return 'Your role sees masked data only, and the body is too large to be masked.';
  }
  if (Status !== 'Assembled') {
    return 'Your role sees masked data only, and a request cannot be masked before its conversation is written.';
  }
  return REMOVED;
}
