import { describe, expect, test } from 'vitest';
import { formatBytes } from '../../ui/text/bytes.ts';
import { formatMonth, usageRows } from './usage-text.ts';

const MONTH = {
  Month: '2026-01',
  Conversations: 2,
  Seconds: 90.5,
  Minutes: 1.51,
  TranscriptBytesAdded: 10,
  RecordingBytesAdded: 20,
  TranscriptBytesStored: 30,
  RecordingBytesStored: 40,
};
const Quotas = { ConversationsPerMonth: null, MinutesPerMonth: null, StoredBytes: null };

describe('usage as text', () => {
  test('a spreadsheet has a line for each business and month, and runs no name as a formula', () => {
    const [head, ...lines] = usageRows([
      { BusinessId: 1, Name: '=cmd()', Quotas, Months: [MONTH] },
      { BusinessId: 2, Name: 'Café', Quotas, Months: [{ ...MONTH, Month: '2026-02' }] },
    ]);
    expect(head?.length).toBe(10);
    expect(lines).toEqual([
      ['1', "'=cmd()", '2026-01', '2', '90.5', '1.51', '10', '20', '30', '40'],
      ['2', 'Café', '2026-02', '2', '90.5', '1.51', '10', '20', '30', '40'],
    ]);
  });

  test('a spreadsheet has empty cells for bytes that a masked reader does not get', () => {
    const masked = { ...MONTH, TranscriptBytesAdded: null, TranscriptBytesStored: null };
    const [, line] = usageRows([{ BusinessId: 1, Name: 'One', Quotas, Months: [masked] }]);
    expect(line?.slice(6)).toEqual(['', '20', '', '40']);
  });

  test('a month has its name in every time zone', () => {
    expect(formatMonth('2026-01')).toBe('Jan 2026');
  });

  test('bytes are in units of 1,000', () => {
    const texts = [0, 1, 999, 1000, 1250, 999_949, 1e6, 2.5e12, 1e18].map(formatBytes);
    expect(texts).toEqual([
      '0 bytes',
      '1 byte',
      '999 bytes',
      '1 kB',
      '1.3 kB',
      '999.9 kB',
      '1 MB',
      '2.5 TB',
      '1,000 PB',
    ]);
  });
});
