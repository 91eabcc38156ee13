import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { Command } from 'commander';
import { compactVerify, createLocalJWKSet, type JSONWebKeySet, errors as jose } from 'jose';
import { serverUrl } from './connection.ts';
import { UsageError } from './failure.ts';

const DESCRIPTION = `Checks the certificate of an erasure: that the server signed it and that nothing of it was changed.

With --keys it needs no network: save <server>/.well-known/jwks.json as long as there is a server to ask.
A certificate names what went by hashes alone; --id tells whether an id that you know is among it.`;

const EXAMPLES = `
Examples:
  colloquy get-erasure --business 12345 --erasure erasure_01k0… > erasure.json
  colloquy verify-certificate erasure.json --id session_abc123
  colloquy verify-certificate certificate.jws --keys jwks.json`;

interface Options {
  keys?: string;
  id?: string[];
}

interface Statement {
  readonly ErasureId: string;
  readonly BusinessId: number;
  readonly Mode: 'Erase' | 'Anonymise';
  readonly RequestedBy: string;
  readonly RequestedAt: string;
  readonly CompletedAt: string;
  readonly Counts: Readonly<Record<string, number>>;
  readonly Salt: string;
  readonly Items: readonly { readonly Kind: string; readonly Hash: string }[];
}

/** The command `colloquy verify-certificate`. */
export function verifyCertificateCommand(): Command {
  return new Command('verify-certificate')
    .summary('Check the certificate of an erasure')
    .description(DESCRIPTION)
    .argument('<file>', 'a certificate, or the JSON of an erasure; - for standard input')
    .option('--keys <file>', 'the public keys, as the server gives them at /.well-known/jwks.json')
    .option('--id <id...>', 'ids of conversations or queue entries that should have gone')
    .addHelpText('after', EXAMPLES)
    .action(verify);
}

async function verify(file: string, options: Options): Promise<void> {
  const certificate = certificateOf(await readText(file));
  const keys = await readKeys(options.keys);
  const statement = await check(certificate, keys);
  const { Counts } = statement;
  const amounts = Object.entries(Counts).map(([kind, n]) => `${n} ${kind}`);
  console.log(`The certificate is valid.
  erasure    ${statement.ErasureId} of business ${statement.BusinessId}
  mode       ${statement.Mode}
  requested  ${statement.RequestedAt} by ${statement.RequestedBy}
  completed  ${statement.CompletedAt}
  went       ${amounts.join(', ')}`);
  const hashes = new Set(statement.Items.map(({ Hash }) => Hash));
  for (const id of options.id ?? []) {
    const hash = createHash('sha256').update(`${statement.Salt} ${id}`).digest('hex');
    const isThere = hashes.has(hash);
    console.log(`  ${id} is ${isThere ? '' : 'NOT '}among it`);
    if (!isThere) process.exitCode = 1;
  }
}

async function check(certificate: string, keys: JSONWebKeySet): Promise<Statement> {
  try {
    const { payload, protectedHeader } = await compactVerify(certificate, createLocalJWKSet(keys), {
      algorithms: ['EdDSA'],
    });
    if (protectedHeader.typ !== 'colloquy-erasure+jwt') {
      throw new UsageError('This is signed, but it is no certificate of an erasure.');
    }
    return JSON.parse(new TextDecoder().decode(payload));
  } catch (error) {
    if (error instanceof jose.JWKSNoMatchingKey) {
      throw new UsageError('The certificate is NOT valid: none of these keys has signed it.');
    }
    if (error instanceof jose.JOSEError) {
      throw new UsageError('The certificate is NOT valid: it was altered, or is none.');
    }
    throw error;
  }
}

const readText = (file: string) => (file === '-' ? text(process.stdin) : readFile(file, 'utf8'));

/** A certificate as it is, or in the JSON of its erasure. */
function certificateOf(content: string): string {
  const trimmed = content.trim();
  if (!trimmed.startsWith('{')) return trimmed;
  const erasure = parse(trimmed, 'The file');
  const certificate =
    erasure.Certificate ?? (erasure.Data as { Certificate?: unknown })?.Certificate;
  if (typeof certificate === 'string') return certificate;
  throw new UsageError(
    `This erasure is ${erasure.Status ?? 'not completed'}; it has no certificate.`,
  );
}

async function readKeys(file: string | undefined): Promise<JSONWebKeySet> {
  if (file !== undefined) return keySet(await readFile(file, 'utf8'), file);
  const url = `${serverUrl()}/.well-known/jwks.json`;
  const response = await fetch(url).catch((error: unknown) => {
    throw new UsageError(`${url} does not answer; give the public keys with --keys. (${error})`);
  });
  return keySet(await response.text(), url);
}

function keySet(content: string, from: string): JSONWebKeySet {
  const { keys } = parse(content, from);
  if (!Array.isArray(keys)) throw new UsageError(`${from} holds no JSON Web Key Set.`);
  return { keys };
}

function parse(content: string, what: string): Record<string, unknown> {
  try {
    return JSON.parse(content);
  } catch {
    throw new UsageError(`${what} is no JSON.`);
  }
}
