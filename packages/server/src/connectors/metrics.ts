import { SOURCES } from '@colloquy/wire';
import { Counter, type Registry } from 'prom-client';

export interface ConnectorMetrics {
  readonly received: Counter<'source' | 'outcome'>;
  readonly assembled: Counter<'source' | 'outcome'>;
  readonly unknownEndReasons: Counter<'source'>;
}

const RECEIVED = ['stored', 'repeated', 'erased', 'refused', 'unreadable'];
const ASSEMBLED = ['written', 'failed', 'erased'];

export function connectorMetrics(registry: Registry): ConnectorMetrics {
  const registers = [registry];
  const metrics: ConnectorMetrics = {
    received: new Counter({
      name: 'colloquy_connector_requests_total',
      help: 'Requests of connected sources, by outcome',
      labelNames: ['source', 'outcome'],
      registers,
    }),
    assembled: new Counter({
      name: 'colloquy_connector_conversations_total',
      help: 'Conversations that were written from deliveries of sources, by outcome',
      labelNames: ['source', 'outcome'],
      registers,
    }),
    unknownEndReasons: new Counter({
      name: 'colloquy_connector_unknown_end_reasons_total',
      help: 'Conversations with an end reason that the server does not know',
      labelNames: ['source'],
      registers,
    }),
  };
  // From the start, because increase() does not see the first value of a series.
  for (const source of SOURCES) {
    for (const outcome of RECEIVED) metrics.received.inc({ source, outcome }, 0);
    for (const outcome of ASSEMBLED) metrics.assembled.inc({ source, outcome }, 0);
    metrics.unknownEndReasons.inc({ source }, 0);
  }
  return metrics;
}
