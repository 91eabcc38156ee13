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

type Part = 'Messages' | 'Logs';

export interface View {
  item(head: string, recordings: readonly RecordingCopy[]): string;
  document(id: string, document: ReadableDocument, parts: readonly Part[]): Promise<Pieces>;
}

type Pieces = (string | Uint8Array)[];

const partsOf = (text: StoredText) => (typeof text === 'string' ? [text] : text);

export function viewOf(
  ctx: Pick<Context, 'db' | 'secrets' | 'threads'> & MediaUrlParts,
  scope: Scope,
): View {
  const complete = (head: string, transcript: string, recordings: readonly RecordingCopy[]) =>
    completeHead(head, transcript, recordings, ({ blobKey, contentType }) =>
      mediaUrl(ctx, { businessId: scope.businessId, blobKey, contentType }),
    );
  const piecesOf = (
    { head, messages, logs }: Omit<ReadableDocument, 'recordings'>,
    recordings: readonly RecordingCopy[],
    parts: readonly Part[],
  ) => {
    const marked = complete(head, TRANSCRIPT_MARK, recordings);
    const [before = '', after = ''] = marked.split(TRANSCRIPT_MARK);
    return [
      before,
      ...(parts.includes('Messages') ? ['"Messages":', ...partsOf(messages), ','] : []),
      ...(parts.includes('Logs') ? ['"Logs":', ...partsOf(logs), ','] : []),
      after,
    ];
  };
  const masking = maskingOf(ctx.secrets, scope);
  if (!masking) {
    return {
      item: (head, recordings) => complete(head, '', recordings),
      async document(_id, document, parts) {
        return piecesOf(document, document.recordings, parts);
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
      return piecesOf(masked, audible(document.recordings), parts);
    },
  };
}
