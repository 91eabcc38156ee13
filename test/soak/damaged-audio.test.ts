import { expect, test } from 'vitest';
import {
  expectAgreement,
  lengthsOf,
  type Sample,
  samples,
  startLengthsTestServer,
} from '../fixtures/recording-lengths.ts';
import { proofSettings, randomFrom, reportProof } from './proof.ts';

const { rounds, seed, timeoutMs } = proofSettings(20, 200);

test('length, peaks and silenced copy of damaged recordings agree', {
  timeout: timeoutMs,
}, async () => {
  await using opened = await startLengthsTestServer();
  const random = randomFrom(seed);
  const below = (limit: number) => Math.floor(random() * limit);
  let decoded = 0;
  for (let round = 0; round < rounds; round += 1) {
    const sample = samples[below(samples.length)] as Sample;
    const lengths = await lengthsOf(opened, { ...sample, bytes: damage(sample, round, below) });
    expectAgreement(lengths);
    if (lengths.peaks !== null) decoded += 1;
  }
  expect(decoded).toBeGreaterThan(rounds / 2);
  reportProof(`${rounds} damaged files (seed ${seed}), of which ${decoded} were decoded`);
});

/** Truncates a file, or changes up to 20 bytes, some of them in the headers. */
function damage({ bytes }: Sample, round: number, below: (limit: number) => number): Buffer {
  if (round % 3 === 0) return Buffer.from(bytes.subarray(0, 1 + below(bytes.length)));
  const damaged = Buffer.from(bytes);
  for (let flips = 1 + below(20); flips > 0; flips -= 1) {
    const end = flips % 4 === 0 ? Math.min(200, damaged.length) : damaged.length;
    damaged[below(end)] = below(256);
  }
  return damaged;
}
