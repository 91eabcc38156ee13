import { Gauge, type Registry } from 'prom-client';
import type { Streams } from './streams.ts';

/** The streams of this process. */
export function addStreamGauge(registry: Registry, streams: Streams): void {
  new Gauge({
    name: 'colloquy_streams_open',
    help: 'Open streams of events',
    registers: [registry],
    collect() {
      this.set(streams.count);
    },
  });
}
