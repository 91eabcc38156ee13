import { hash } from 'node:crypto';
import type { Scope } from '../../access/authorization/scope.ts';
import type { Context } from '../../context.ts';
import type { StoredText } from '../../kernel/threads/text-bytes.ts';
import { type MediaUrlParts, mediaUrl } from '../../recordings/media-url.ts';
import { mutedFor } from '../../redaction/mask.ts';
import { headerOf } from '../from-wire.ts';
import { maskDocument } from '../masking/mask-document.ts';
import { maskHeader, maskingOf } from '../masking/masked.ts';
import {
  completeHead,
  type ReadableDocument,
  type RecordingCopy,
  renderHead,
  TRANSCRIPT_MARK,
} from '../model/document.ts';
import type { StoredVersion } from './head-store.ts';

type Part = 'Messages' | 'Logs';

export interface View {
  item(head: string, recordings: readonly RecordingCopy[]): string;
  document(id: string, document: ReadableDocument, parts: readonly Part[]): Promise<Rendered>;
  /** null for masked readers: what they get also depends on settings and stored spans. */
  readonly entityTag: ((version: StoredVersion) => string) | null;
}

interface Rendered {
  readonly pieces: readonly (string | Uint8Array)[];
  readonly entityTag: string | null;
}

/** The hash of the answer with a hash in place of the transcript. */
const tagOf = (before: string, transcriptHash: string, after: string) =>
  `"${hash('sha256', before + transcriptHash + after, 'base64url')}"`;

const partsOf = (text: StoredText) => (typeof text === 'string' ? [text] : text);

export function viewOf(
  ctx: Pick<Context, 'db' | 'secrets' | 'threads'> & MediaUrlParts,
  scope: Scope,
): View {
  const complete = (head: string, transcript: string, recordings: readonly RecordingCopy[]) =>
    completeHead(head, transcript, recordings, ({ blobKey, contentType }) =>
      mediaUrl(ctx, { businessId: scope.businessId, blobKey, contentType }),
    );
  const around = (head: string, recordings: readonly RecordingCopy[]) =>
    complete(head, TRANSCRIPT_MARK, recordings).split(TRANSCRIPT_MARK);
  const render = (
    { head, messages, logs, transcriptHash }: Omit<ReadableDocument, 'recordings'>,
    recordings: readonly RecordingCopy[],
    parts: readonly Part[],
  ): Rendered => {
    const [before = '', after = ''] = around(head, recordings);
    const pieces = [
      before,
      ...(parts.includes('Messages') ? ['"Messages":', ...partsOf(messages), ','] : []),
      ...(parts.includes('Logs') ? ['"Logs":', ...partsOf(logs), ','] : []),
      after,
    ];
    return { pieces, entityTag: transcriptHash ? tagOf(before, transcriptHash, after) : null };
  };
  const masking = maskingOf(ctx.secrets, scope);
  if (!masking) {
    return {
      item: (head, recordings) => complete(head, '', recordings),
      async document(_id, document, parts) {
        return render(document, document.recordings, parts);
      },
      entityTag({ head, recordings, transcriptHash }) {
        const [before = '', after = ''] = around(head, recordings);
        return tagOf(before, transcriptHash, after);
      },
    };
  }
  const settings = mutedFor(scope.redaction ?? [], scope.redactionCountry);
  const audible = (recordings: readonly RecordingCopy[]) =>
    recordings.flatMap(({ silenced, participantId, ...recording }): RecordingCopy[] => {
      if (silenced?.for !== settings) return [];
      const name = participantId === '_mixed' ? participantId : masking.tokenOf(participantId);
      const { blobKey, bytes } = silenced;
      const copy = blobKey && ({ blobKey, bytes, contentType: 'audio/wav' } as const);
      return [{ ...recording, ...copy, participantId: name }];
    });
  return {
    item: (head, recordings) =>
      complete(renderHead(maskHeader(headerOf(head), masking)), '', audible(recordings)),
    async document(id, document, parts) {
      const masked = await maskDocument(ctx, scope, { id, document }, masking);
      return { ...render(masked, audible(document.recordings), parts), entityTag: null };
    },
    entityTag: null,
  };
}
