import type { DeliveryState, SourceName } from '@colloquy/wire';

/** Instants are milliseconds since 1970. */
export interface Delivery {
  readonly id: string;
  readonly connectionId: string;
  readonly source: SourceName;
  /** Null: it is about no call. */
  readonly conversationId: string | null;
  readonly callId: string | null;
  readonly eventType: string;
  readonly receivedAt: number;
  readonly repeats: number;
  readonly status: DeliveryState;
  readonly error: string | null;
  readonly warnings: readonly string[];
  readonly dueAt: number | null;
  readonly bytes: number;
}

/** Null after an erasure or a purge of the transcript. */
export interface RawParts {
  readonly headers: Readonly<Record<string, string>> | null;
  readonly body: Buffer | null;
}
