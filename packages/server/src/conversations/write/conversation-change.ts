import type { ChangeDetails } from '../../changes/change.ts';
import type { SpanTexts } from '../../redaction/spans.ts';
import type { Header } from '../model/conversation.ts';
import type { PurgedBytes } from './sealed-store.ts';

export type PurgedPart = 'Transcript' | 'Logs' | 'Recordings';

interface PutRecording {
  readonly blobKey: string;
  readonly isMixed: boolean;
  readonly bytes: number;
  readonly isReplaced: boolean;
  /** Of the recording that it replaces. */
  readonly replacedBytes: number;
}

/** Why a conversation changes. */
export type Reason =
  | { readonly type: 'Added' | 'Erased' }
  | { readonly type: 'Replaced'; readonly wasSealed: boolean }
  | { readonly type: 'Sealed'; readonly arrival: ChangeDetails }
  /** A person's number was removed from its texts. */
  | { readonly type: 'Edited' }
  /** An erasure of a person, which audits this itself, adds an anonymous copy or removes an original. */
  | { readonly type: 'Copied' | 'ErasedWithPerson' }
  | { readonly type: 'Purged'; readonly parts: readonly PurgedPart[] | 'record' }
  | { readonly type: 'RecordingPut'; readonly recording: PutRecording };

/** The header before (null: new) and after the change (null: deleted). */
export interface ConversationChange {
  readonly reason: Reason;
  readonly before: Header | null;
  readonly after: Header | null;
  /** Set if parts are purged. */
  readonly purgedBytes?: PurgedBytes | undefined;
  /** Set if the change seals the conversation, or changes a sealed one. */
  readonly sealed?: {
    readonly messageCount: number;
    readonly logCount: number;
    /** What masking finds in it; null: not searched yet. */
    readonly found?: SpanTexts | null;
  };
}
