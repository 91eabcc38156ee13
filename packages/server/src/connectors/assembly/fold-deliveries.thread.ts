import type { Header } from '../../conversations/model/conversation.ts';
import { splitTranscript, type TranscriptFacts } from '../../conversations/model/transcript.ts';
import { moved } from '../../kernel/threads/moved.ts';
import { bytesOf, type TextBytes } from '../../kernel/threads/text-bytes.ts';
import {
  type CallDeliveries,
  type CallDelivery,
  type FoldFacts,
  foldDeliveries,
} from './fold-deliveries.ts';

export interface ThreadInput extends Omit<CallDeliveries, 'deliveries'> {
  readonly deliveries: readonly (Omit<CallDelivery, 'body'> & {
    readonly bytes: Uint8Array<ArrayBuffer>;
  })[];
}

interface ThreadOutput {
  readonly facts: FoldFacts;
  readonly whole: {
    readonly header: Header;
    readonly transcript: TranscriptFacts;
    readonly texts: readonly TextBytes[];
  } | null;
}

export default function foldInThread({ deliveries, ...call }: ThreadInput): ThreadOutput {
  const { whole, facts } = foldDeliveries({
    ...call,
    deliveries: deliveries.map(({ bytes, ...delivery }) => ({
      ...delivery,
      body: Buffer.from(bytes.buffer),
    })),
  });
  if (!whole) return { facts, whole };
  const { texts, facts: transcript } = splitTranscript(whole.transcript);
  const bytes = texts.map(bytesOf);
  return moved({ facts, whole: { header: whole.header, transcript, texts: bytes } }, bytes);
}
