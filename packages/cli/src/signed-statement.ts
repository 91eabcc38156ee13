import { readFile } from 'node:fs/promises';
import { compactVerify, createLocalJWKSet, type JSONWebKeySet, errors as jose } from 'jose';
import { serverUrl } from './connection.ts';
import { UsageError } from './failure.ts';

/** `altered`: it was changed, or is not a JWS. */
export type Flaw = 'unknown key' | 'altered' | 'another kind';

/** Verifies a compact JWS with EdDSA. */
export async function readSigned<Statement>(
  text: string,
  keys: JSONWebKeySet,
  type: string,
): Promise<{ readonly statement: Statement } | { readonly flaw: Flaw }> {
  try {
    const { payload, protectedHeader } = await compactVerify(text, createLocalJWKSet(keys), {
      algorithms: ['EdDSA'],
    });
    if (protectedHeader.typ !== type) return { flaw: 'another kind' };
    return { statement: JSON.parse(new TextDecoder().decode(payload)) };
  } catch (error) {
    if (error instanceof jose.JWKSNoMatchingKey) return { flaw: 'unknown key' };
    if (error instanceof jose.JOSEError) return { flaw: 'altered' };
    throw error;
  }
}

/** Of a file, or of the server without one. */
export async function readKeys(file: string | undefined): Promise<JSONWebKeySet> {
  if (file !== undefined) return keySet(await readFile(file, 'utf8'), file);
  const url = `${serverUrl()}/.well-known/jwks.json`;
  const response = await fetch(url).catch((error: unknown) => {
    throw new UsageError(`${url} does not answer; give the public keys with --keys. (${error})`);
  });
  return keySet(await response.text(), url);
}

function keySet(content: string, from: string): JSONWebKeySet {
  const { keys } = parseJson(content, from);
  if (!Array.isArray(keys)) throw new UsageError(`${from} is not a JSON Web Key Set.`);
  return { keys };
}

export function parseJson(content: string, source: string): Record<string, unknown> {
  try {
    return JSON.parse(content);
  } catch {
    throw new UsageError(`${source} is not JSON.`);
  }
}
