import { gunzipSync } from 'node:zlib';
import { type Fields, fieldsOf, textOf } from '../fields.ts';
import { toCurrentSyntax } from './syntax.ts';

export interface OpenedVcon {
  /** In syntax 0.4.0; empty if it is refused. */
  readonly vcon: Fields;
  /** The outermost JWS; null if the vCon is not signed. */
  readonly jws: Fields | null;
  /** One sentence that says why the vCon cannot be taken in. */
  readonly refusal: string | null;
}

const MAX_INFLATED_BYTES = 32 * 1024 * 1024;
/** Archives sign a signed vCon again before its certificate expires. */
const MAX_LAYERS = 5;

/** Extensions that change the meaning of the core, and that this server implements. */
const SUPPORTED_CRITICAL: ReadonlySet<string> = new Set();

/** Checks no signature. Never throws, whatever was sent. */
export function openVcon(body: Buffer): OpenedVcon {
  try {
    return open(body);
  } catch (error) {
    const isTooLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    return refused(
      isTooLarge
        ? 'The vCon is larger than 32 MiB when it is inflated.'
        : 'The body is not a vCon in JSON.',
    );
  }
}

/** Throws if the vCon is refused. */
export function readVcon(body: Buffer): OpenedVcon {
  const opened = openVcon(body);
  if (opened.refusal !== null) throw new Error(opened.refusal);
  return opened;
}

const refused = (refusal: string): OpenedVcon => ({ vcon: {}, jws: null, refusal });

function open(body: Buffer): OpenedVcon {
  const outer = jsonIn(body);
  let inner = outer;
  for (let layer = 0; isSigned(inner); layer++) {
    if (layer === MAX_LAYERS) return refused(`The vCon is signed more than ${MAX_LAYERS} times.`);
    inner = jsonIn(Buffer.from(textOf(inner.payload) ?? '', 'base64url'));
  }
  if ('ciphertext' in inner && 'recipients' in inner) {
    return refused('The vCon is encrypted (JWE), which is not supported; send it decrypted.');
  }
  const vcon = toCurrentSyntax(inner);
  const refusal = criticalRefusal(vcon.critical);
  return refusal === null
    ? { vcon, jws: isSigned(outer) ? outer : null, refusal }
    : refused(refusal);
}

const isSigned = (fields: Fields) => 'payload' in fields && 'signatures' in fields;

/** Bodies and payloads may be gzipped, which their first bytes tell. */
function jsonIn(bytes: Buffer): Fields {
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  const text = isGzip ? gunzipSync(bytes, { maxOutputLength: MAX_INFLATED_BYTES }) : bytes;
  const json: unknown = JSON.parse(text.toString('utf8'));
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw new TypeError();
  return fieldsOf(json);
}

function criticalRefusal(critical: unknown): string | null {
  const names = Array.isArray(critical) ? critical.map((name) => textOf(name) ?? '?') : [];
  const unknown = names.filter((name) => !SUPPORTED_CRITICAL.has(name));
  if (unknown.length === 0) return null;
  const shown = unknown.map((name) => name.slice(0, 64)).slice(0, 5);
  return `The vCon has critical extensions that are not supported: ${shown.join(', ')}.`;
}
