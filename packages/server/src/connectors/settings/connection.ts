import type { SourceName } from '@colloquy/wire';
import { Fault } from '../../kernel/fault.ts';

/** Instants are milliseconds since 1970. */
export interface Connection {
  readonly id: string;
  readonly source: SourceName;
  readonly name: string;
  /** Encrypted. */
  readonly secrets: string;
  readonly options: Readonly<Record<string, string>>;
  readonly isPaused: boolean;
  readonly createdAt: number;
  readonly createdBy: string;
}

export interface UnknownEndReason {
  readonly endReason: string;
  readonly conversations: number;
}

/** With what its deliveries were. */
export interface ShownConnection extends Connection {
  readonly erasedDeliveries: number;
  readonly lastReceivedAt: number | null;
  /** Most frequent first. */
  readonly unknownEndReasons: readonly UnknownEndReason[];
}

export function requireConnection<T>(connection: T | undefined): T {
  if (!connection) throw new Fault('NOT_FOUND', 'There is no such connection in this business.');
  return connection;
}
