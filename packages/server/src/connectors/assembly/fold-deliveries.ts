import type { SourceName } from '@colloquy/wire';
import { headerFromWire, transcriptFromWire } from '../../conversations/from-wire.ts';
import type { Whole } from '../../conversations/model/transcript.ts';
import type { StoredDelivery } from '../sources/source.ts';
import { SOURCES_BY_NAME } from '../sources/sources.ts';
import { foldReports, type Received } from './fold.ts';

export interface CallDelivery extends StoredDelivery {
  readonly id: string;
  readonly receivedAt: number;
  readonly dedupeKey: string;
}

export interface CallDeliveries {
  readonly source: SourceName;
  readonly conversationId: string;
  readonly callId: string;
  readonly deliveries: readonly CallDelivery[];
}

export interface FoldFacts {
  readonly unknownEndReason: string | null;
  /** By the ids of deliveries. */
  readonly warnings: ReadonlyMap<string, readonly string[]>;
  /** Deliveries that could not be read. */
  readonly unreadable: readonly string[];
}

/** The whole is null if no delivery could be read. Runs in any thread. */
export function foldDeliveries({
  source: name,
  conversationId,
  callId,
  deliveries,
}: CallDeliveries): {
  readonly whole: Whole | null;
  readonly facts: FoldFacts;
} {
  const source = SOURCES_BY_NAME[name];
  const received: Received[] = [];
  const warnings = new Map<string, readonly string[]>();
  const unreadable: string[] = [];
  for (const { id, receivedAt, dedupeKey, ...stored } of deliveries) {
    try {
      const report = source.translate(stored);
      received.push({ report, receivedAt, bodyHash: dedupeKey });
      warnings.set(id, report.warnings);
    } catch {
      // The body is kept; a later translator may read it.
      unreadable.push(id);
    }
  }
  if (received.length === 0) {
    return { whole: null, facts: { unknownEndReason: null, warnings, unreadable } };
  }
  const { conversation, unknownEndReason } = foldReports(source, callId, received);
  const whole = {
    header: headerFromWire(conversationId, conversation),
    transcript: transcriptFromWire(conversation),
  };
  return { whole, facts: { unknownEndReason, warnings, unreadable } };
}
