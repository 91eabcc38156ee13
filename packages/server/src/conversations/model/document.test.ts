import { expect, test } from 'vitest';
import type { Header } from './conversation.ts';
import { renderHead, startTimeOf } from './document.ts';

test('the start time is found in a head whose ids and metadata contain the same key', () => {
  const header: Header = {
    id: '","StartTime":"1',
    queueId: '"StartTime":"2',
    status: 'Active',
    startTime: Date.parse('2026-03-01T11:00:00.123Z'),
    endTime: null,
    endType: null,
    clients: [],
    agents: [],
    initiationType: 'Web',
    metadata: { StartTime: '3' },
  };
  expect(startTimeOf(renderHead(header))).toBe('2026-03-01T11:00:00.123Z');
});
