import { expect, it, vi } from 'vitest';
import type { CallReport, Source } from '../sources/source.ts';
import { type CallDelivery, translateDeliveries } from './fold-deliveries.ts';

const report: CallReport = {
  stage: 'Started',
  order: 0,
  call: {},
  clients: [],
  agents: [],
  messages: [],
  logs: [],
  audio: [],
  completeness: {},
  warnings: ['Unknown type telepathy.'],
};
const deliveries: CallDelivery[] = [2, 1].map((receivedAt) => ({
  id: `delivery_${receivedAt}`,
  receivedAt,
  dedupeKey: '',
  headers: {},
  body: Buffer.from(''),
}));
const source = (translateTogether: () => CallReport) => {
  const translate = vi.fn(() => report);
  return {
    ...({ name: 'vapi', endReasons: [] } as unknown as Source),
    translate,
    translateTogether,
  };
};

it('a source that translates deliveries together gives one report for all', () => {
  const stub = source(vi.fn(() => report));
  const { received, warnings, unreadable } = translateDeliveries(stub, deliveries);
  expect(received).toMatchObject([{ report, receivedAt: 1 }]);
  expect(stub.translateTogether).toHaveBeenCalledExactlyOnceWith(deliveries);
  expect(stub.translate).not.toHaveBeenCalled();
  expect([...warnings]).toEqual([
    ['delivery_2', report.warnings],
    ['delivery_1', report.warnings],
  ]);
  expect(unreadable).toEqual([]);
});

it('deliveries that cannot be translated together are all unreadable', () => {
  const failing = source(() => {
    throw new Error('not readable');
  });
  const { received, unreadable } = translateDeliveries(failing, deliveries);
  expect([received, unreadable]).toEqual([[], ['delivery_2', 'delivery_1']]);
});
