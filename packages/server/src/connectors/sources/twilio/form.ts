import { type Fields, textOf } from '../fields.ts';
import type { StoredDelivery } from '../source.ts';

const OPENING_BRACE = 0x7b;

export const isJson = ({ headers, body }: StoredDelivery): boolean =>
  /\bjson\b/i.test(headers['content-type'] ?? '') || body[0] === OPENING_BRACE;

/** Of a name that is repeated, the last value counts. */
export const formOf = (body: Buffer): Fields =>
  Object.fromEntries(new URLSearchParams(body.toString('utf8')));

const RFC_2822 = /^(?:\w{3}, )?\d{1,2} \w{3} \d{4} \d\d:\d\d(?::\d\d)? (?:[+-]\d{4}|GMT|UTC)$/;

/** Such as `Tue, 24 Nov 2026 16:05:30 +0000`. */
export function rfc2822Of(value: unknown): number | null {
  const text = textOf(value);
  const instant = text !== null && RFC_2822.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(instant) ? null : instant;
}

export const isCallSid = (text: string | null): boolean => /^CA\w{1,64}$/.test(text ?? '');
