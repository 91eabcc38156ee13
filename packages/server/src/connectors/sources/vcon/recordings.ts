import { textOf, type Warnings } from '../fields.ts';
import type { ReportedAudio, Speaker } from '../source.ts';
import type { Dialog } from './dialogs.ts';
import type { Party } from './parties.ts';
import { indicesOf } from './values.ts';

interface Recordings {
  readonly dialogs: readonly Dialog[];
  readonly parties: readonly (Party | null)[];
  readonly warnings: Warnings;
}

/** Lengths of digests in bytes. */
const ALGORITHMS: Readonly<Record<string, number>> = { sha256: 32, sha384: 48, sha512: 64 };

export function audioOf({ dialogs, parties, warnings }: Recordings): ReportedAudio[] {
  return dialogs.flatMap(({ type, fields, start }): ReportedAudio[] => {
    if (type !== 'recording') return [];
    const url = textOf(fields.url);
    if (url === null) {
      if (textOf(fields.body) !== null) warnings.add('A recording is inline and was left out.');
      return [];
    }
    if (!/^https?:\/\//i.test(url)) {
      warnings.add('A recording has a URL that is not https and was left out.');
      return [];
    }
    const hashes = hashesOf(fields.content_hash, warnings);
    return [
      {
        url,
        of: speakersOf(fields.parties, parties),
        ...(hashes.length > 0 && { hashes }),
        ...(start !== null && { startTime: start }),
      },
    ];
  });
}

/**
 * A flat list may be the mix of one channel or the channels of a file, so it counts as a mix; lists
 * within it and null are only in those of channels.
 */
function speakersOf(value: unknown, parties: Recordings['parties']): ReportedAudio['of'] {
  const speakerOf = (indices: readonly number[]): Speaker | null => {
    const party = indices.length === 1 ? (parties[indices[0] ?? -1] ?? null) : null;
    if (party === null) return null;
    const first = parties.find((one) => one?.side === party.side);
    return first === party ? party.side : { participantId: party.id };
  };
  const list: readonly unknown[] = Array.isArray(value) ? value.slice(0, 100) : [value];
  const isChannels = list.length > 1 && list.some((item) => typeof item !== 'number');
  if (isChannels) return { channels: list.map((item) => speakerOf(indicesOf(item))) };
  return speakerOf(indicesOf(value)) ?? 'Mixed';
}

/** Tokens such as `sha512-` and a digest in base64url; older ones are in base64 or hex. */
function hashesOf(value: unknown, warnings: Warnings): NonNullable<ReportedAudio['hashes']> {
  const tokens = (Array.isArray(value) ? value.slice(0, 10) : [value]).map(textOf);
  return tokens.flatMap((token) => {
    if (token === null) return [];
    const [, name = '', given = ''] = /^([a-z0-9]+)-(.+)$/.exec(token) ?? [];
    const bytes = Object.hasOwn(ALGORITHMS, name) ? ALGORITHMS[name] : undefined;
    const isHex = /^[0-9a-f]+$/i.test(given) && given.length === (bytes ?? 0) * 2;
    const digest = Buffer.from(given, isHex ? 'hex' : 'base64url');
    if (bytes === undefined || digest.length !== bytes) {
      warnings.add('A content_hash of a recording is not known and is not checked.');
      return [];
    }
    return [{ algorithm: name, digest: digest.toString('hex') }];
  });
}
