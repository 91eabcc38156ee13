import { readDialableNumber } from '@colloquy/phone-numbers';
import { expect, test } from 'vitest';
import { findNumberProblem } from '../../packages/console/src/ui/forms/number-check.ts';

/** Numbers as people and spreadsheets write them. */
const WRITTEN = [
  '+14155550999',
  '+1 (415) 555-0999',
  '+1.415.555.0999',
  '+1[415]5550999',
  '+1–415—555−0999',
  '+1\u00a0415\u202f555\u200b0999',
  '\uff0b14155550999',
  '+\uff11\uff14155550999',
  '+٩٧٢٥٠١٢٣٤٥٦٧',
  '+۹۷۲۵۰۱۲۳۴۵۶۷',
  '00491701234567',
  '(0170) 123 45 67',
  '0170/1234567',
  '٠١٧٠١٢٣٤٥٦٧',
  '+14155550999 ',
  ' +14155550999',
  '+14155550999;ext=5',
  '+1 800 FLOWERS',
  '++14155550999',
  '+0123456',
  '+1234567890123456',
  'call me',
  '12',
  '',
];

test.each(['DE', null] as const)(
  "numbers that the server accepts pass the console's check, and only they (%s)",
  (country) => {
    const isAccepted = (number: string) => 'e164' in readDialableNumber(number, country);
    const accepted = WRITTEN.filter(isAccepted);
    expect(accepted.length).toBeGreaterThan(8);
    expect(accepted.filter((number) => findNumberProblem(number, country) !== null)).toEqual([]);
    const refused = WRITTEN.filter((number) => !isAccepted(number));
    expect(refused.filter((number) => findNumberProblem(number, country) === null)).toEqual([]);
  },
);
