import { type Fields, fieldsOf, jsonOf } from '../fields.ts';

const AUDIO_FIELD = '"full_audio"';
const MAX_GAP_BYTES = 16;

/** Throws if the body is not JSON. Leaves the audio out, which has up to 256 MiB and is not needed. */
export function readEvent(body: Buffer): Fields {
  const audio = findAudio(body);
  if (audio === null) return jsonOf(body);
  try {
    const rest = [body.subarray(0, audio.start), body.subarray(audio.end)];
    return fieldsOf(JSON.parse(Buffer.concat(rest).toString('utf8')));
  } catch {
    return jsonOf(body);
  }
}

/** Base64 has no characters that JSON escapes with a quote, so the next quote ends it. */
function findAudio(body: Buffer): { readonly start: number; readonly end: number } | null {
  const name = body.indexOf(AUDIO_FIELD);
  if (name < 0) return null;
  const afterName = name + AUDIO_FIELD.length;
  const gap = body.toString('latin1', afterName, afterName + MAX_GAP_BYTES);
  const opening = /^\s*:\s*"/.exec(gap)?.[0];
  if (opening === undefined) return null;
  const start = afterName + opening.length;
  const end = body.indexOf('"', start);
  return end < 0 ? null : { start, end };
}
