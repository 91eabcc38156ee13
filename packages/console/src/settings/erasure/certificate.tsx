import { Download } from 'lucide-react';
import { useOp } from '../../api/use-op.ts';
import { visibleData } from '../../api/visible-data.ts';
import { useBusinessId } from '../../app-shell/business.ts';
import { saveText } from '../../ui/browser/save-file.ts';
import { Button, buttonClass } from '../../ui/button.tsx';
import { Fact } from '../../ui/fact.tsx';
import { ReadState } from '../../ui/notice.tsx';
import { Dialog } from '../../ui/overlays/dialog.tsx';
import { CopyLine } from '../api-keys/secret.tsx';
import { describeMentions, type MentionCounts } from './mention-counts.ts';

interface CertificateDialogProps {
  readonly erasureId: string;
  readonly onClose: () => void;
}

export function CertificateDialog({ erasureId, onClose }: CertificateDialogProps) {
  const businessId = useBusinessId();
  const read = useOp('GetErasure', { businessId, erasureId });
  const data = visibleData(read);
  return (
    <Dialog
      title="Erasure certificate"
      description="Signed by this server. It contains hashes of what was erased, and none of the content."
      isOpen
      onClose={onClose}
      isWide
    >
      <ReadState read={read} />
      {data?.Certificate === null && (
        <p>This erasure has no certificate because it has not finished.</p>
      )}
      {data?.Certificate && <Certificate erasureId={erasureId} certificate={data.Certificate} />}
    </Dialog>
  );
}

interface CertificateProps {
  readonly erasureId: string;
  readonly certificate: string;
}

function Certificate({ erasureId, certificate }: CertificateProps) {
  const file = `${erasureId}.jws`;
  const payload = payloadOf(certificate);
  const searched = searchedOf(payload);
  return (
    <>
      {searched && (
        <dl className="mb-3 flex flex-col gap-1.5">
          <Fact name="Searched">{searched.kinds}</Fact>
          <Fact name="Compared">{searched.compared}</Fact>
          {searched.mentions !== null && <Fact name="Mentions">{searched.mentions}</Fact>}
        </dl>
      )}
      <section
        aria-label="Contents of the certificate"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: keys scroll it
        tabIndex={0}
        className="max-h-72 overflow-auto rounded-md border border-line bg-sunken px-3 py-2"
      >
        <pre className="font-mono text-xs break-all whitespace-pre-wrap">
          {payload === null ? certificate : JSON.stringify(payload, null, 2)}
        </pre>
      </section>
      <div className="mt-3 flex flex-wrap gap-2">
        <Button
          icon={Download}
          look="primary"
          onClick={() => saveText(`${certificate}\n`, 'text/plain', file)}
        >
          Download
        </Button>
        <a href=".well-known/jwks.json" download="jwks.json" className={buttonClass()}>
          <Download aria-hidden size={14} /> Public keys
        </a>
      </div>
      <h3 className="mt-4 font-medium">Verify it</h3>
      <p className="text-ink-soft">
        With the public keys in the same folder, this needs no server. Add <code>--id</code> to
        check whether a conversation was erased.
      </p>
      <CopyLine text={`colloquy verify-certificate ${file} --keys jwks.json`} />
    </>
  );
}

/** null if unreadable; the command line verifies the signature. */
function payloadOf(jws: string): unknown {
  const payload = jws.split('.')[1] ?? '';
  try {
    const bytes = Uint8Array.from(
      atob(payload.replaceAll('-', '+').replaceAll('_', '/')),
      (letter) => letter.charCodeAt(0),
    );
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return null;
  }
}

const KINDS: Readonly<Record<string, string>> = {
  Participants: 'participants of conversations',
  OutboundQueue: 'outbound queue',
  InboundQueue: 'inbound queue',
  Mentions: 'texts of other conversations',
};
const COMPARED: Readonly<Record<string, string>> = {
  NormalForm: 'the phone number in every spelling, by its E.164 form',
  Exact: 'the client id, exactly as given',
};

/** null in certificates of earlier releases. */
function searchedOf(
  payload: unknown,
): { kinds: string; compared: string; mentions: string | null } | null {
  const { Searched, Mentions } = (payload ?? {}) as {
    Searched?: { Kinds: readonly string[]; Compared: string };
    Mentions?: MentionCounts;
  };
  if (!Searched) return null;
  return {
    kinds: Searched.Kinds.map((kind) => KINDS[kind] ?? kind).join(', '),
    compared: COMPARED[Searched.Compared] ?? Searched.Compared,
    mentions: Mentions ? describeMentions(Mentions) : null,
  };
}
