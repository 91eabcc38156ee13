import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { translateElevenLabs } from './translate.ts';

/** What the report of a fixture's first delivery says beside the conversation. */
function reportOf(fixture: string) {
  const path = join(import.meta.dirname, 'fixtures', `${fixture}.json`);
  const [{ Body }] = JSON.parse(readFileSync(path, 'utf8')).Deliveries;
  const text = typeof Body === 'string' ? Body : JSON.stringify(Body);
  const { call, completeness, audio } = translateElevenLabs({
    headers: {},
    body: Buffer.from(text),
  });
  const { analysis, cost, otherIds } = call;
  return { analysis, cost, otherIds, completeness, audio };
}

describe('reports of ElevenLabs', () => {
  it('give the analysis, the cost in dollars and the id of the leg at Twilio', () => {
    expect(reportOf('transcription')).toEqual({
      analysis: {
        summary: 'Asked about prices.',
        success: 'success',
        structured: {
          call_summary_title: 'Prices',
          evaluation_criteria_results: { polite: { result: 'success' } },
        },
      },
      cost: { amount: 0.0921, currency: 'USD', parts: { llm: 0.0021, platform: 0.09 } },
      otherIds: [{ source: 'twilio', id: 'CA123' }],
      completeness: { Transcript: 'Complete', Analysis: 'Complete' },
      audio: [],
    });
  });

  it('give no cost if it is known in credits only, and no audio if there is none', () => {
    expect(reportOf('outbound-batch')).toEqual({
      completeness: { Transcript: 'Complete', Analysis: 'Absent', Audio: 'Absent' },
      audio: [],
    });
  });

  it.each(['audio-first', 'audio-only'])('leave the audio of %s pending', (fixture) => {
    expect(reportOf(fixture)).toEqual({ completeness: {}, audio: [] });
  });

  it('leave every part pending while the call is processed', () => {
    const event = { type: 'post_call_transcription', data: { status: 'processing' } };
    const body = Buffer.from(JSON.stringify(event));
    expect(translateElevenLabs({ headers: {}, body })).toMatchObject({
      stage: 'Ended',
      call: { hasEnded: true },
      completeness: {},
    });
  });

  it('say that a call that was not set up has no parts', () => {
    expect(reportOf('failure-busy')).toEqual({
      otherIds: [{ source: 'twilio', id: 'CA9' }],
      completeness: { Transcript: 'Absent', Audio: 'Absent', Analysis: 'Absent' },
      audio: [],
    });
  });
});
