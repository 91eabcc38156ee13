import type { SourceName } from '@colloquy/wire';
import { headerFromWire, transcriptFromWire } from '../../conversations/from-wire.ts';
import type { Whole } from '../../conversations/model/transcript.ts';
import type { Source, StoredDelivery } from '../sources/source.ts';
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
  const { received, ...translated } = translateDeliveries(source, deliveries);
  if (received.length === 0) {
    return { whole: null, facts: { ...translated, unknownEndReason: null } };
  }
  const { conversation, unknownEndReason } = foldReports(source, callId, received);
  const whole = {
    header: headerFromWire(conversationId, conversation),
    transcript: transcriptFromWire(conversation),
  };
  return { whole, facts: { ...translated, unknownEndReason } };
}

type Translated = Omit<FoldFacts, 'unknownEndReason'> & { readonly received: readonly Received[] };

export function translateDeliveries(
  source: Source,
  deliveries: readonly CallDelivery[],
): Translated {
  const received: Received[] = [];
  const warnings = new Map<string, readonly string[]>();
  const unreadable: string[] = [];
  const { translateTogether } = source;
  const groups = translateTogether ? [deliveries] : deliveries.map((delivery) => [delivery]);
  for (const group of groups) {
    const [first] = group;
    if (!first) continue;
    try {
      const report = translateTogether?.(group) ?? source.translate(first);
      const receivedAt = Math.min(...group.map((delivery) => delivery.receivedAt));
      received.push({ report, receivedAt, bodyHash: first.dedupeKey });
      for (const { id } of group) warnings.set(id, report.warnings);
    } catch {
      // The body is kept; a later translator may read it.
      unreadable.push(...group.map(({ id }) => id));
    }
  }
  return { received, warnings, unreadable };
}
