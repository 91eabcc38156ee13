import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { identifyBland, translateBland } from './translate.ts';

const deliveryOf = (body: unknown) => ({ headers: {}, body: Buffer.from(JSON.stringify(body)) });

/** What the report of a fixture's first delivery says beside the conversation. */
function reportOf(fixture: string) {
  const path = join(import.meta.dirname, 'fixtures', `${fixture}.json`);
  const [{ Body }] = JSON.parse(readFileSync(path, 'utf8')).Deliveries;
  const { call, completeness, audio } = translateBland(deliveryOf(Body));
  const { analysis, cost } = call;
  return { analysis, cost, completeness, audio };
}

describe('reports of Bland', () => {
  it('give the analysis, the cost in dollars and the recording', () => {
    expect(reportOf('outbound')).toEqual({
      analysis: { summary: 'Asked about prices.', structured: { interest: 'gold' } },
      cost: { amount: 0.49, currency: 'USD', parts: {} },
      completeness: { Transcript: 'Complete', Audio: 'Complete', Analysis: 'Complete' },
      audio: [{ url: 'https://b.example/x.mp3', of: 'Mixed' }],
    });
  });

  it('say that parts are absent that were not asked for', () => {
    expect(reportOf('minutes').completeness).toEqual({
      Transcript: 'Complete',
      Audio: 'Absent',
      Analysis: 'Absent',
    });
  });

  it('leave a recording and an analysis pending that were asked for', () => {
    expect(reportOf('late-recording').completeness).toEqual({ Transcript: 'Complete' });
  });

  it('leave every part of a call in progress pending', () => {
    expect(reportOf('live').completeness).toEqual({});
  });
});

describe('ids of Bland', () => {
  it.each([
    [{ call_id: 'b1', c_id: 'b1' }, 'b1', 'call'],
    [{ c_id: 'b1' }, 'b1', 'call'],
    [{ call_id: 17 }, '17', 'call'],
    [{ call_id: 'b1', category: 'tool' }, 'b1', 'tool'],
    [{ batch_id: 'batch-1', status: 'completed' }, null, 'batch'],
    [{}, null, 'call'],
  ])('of %j are %s and %s', (body, callId, eventType) => {
    expect(identifyBland(deliveryOf(body))).toEqual({ callId, eventType, eventId: null });
  });
});
