import { hash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { Command } from 'commander';
import { UsageError } from './failure.ts';
import { type Flaw, parseJson, readKeys, readSigned } from './signed-statement.ts';

const DESCRIPTION = `Checks the certificate of an erasure: that the server signed it and that it was not changed.

With --keys the command needs no network: save <server>/.well-known/jwks.json while the server exists. A certificate contains only hashes of the erased ids; --id checks whether it covers an id that you know.`;

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
  /** Absent in certificates of earlier releases. */
  readonly Searched?: { readonly Kinds: readonly string[]; readonly Compared: string };
  readonly Mentions?: { readonly Changed: number; readonly Held: number };
  readonly Salt: string;
  readonly Items: readonly { readonly Kind: string; readonly Hash: string }[];
}

export function verifyCertificateCommand(): Command {
  return new Command('verify-certificate')
    .summary('Check the certificate of an erasure')
    .description(DESCRIPTION)
    .argument('<file>', 'a certificate, or the JSON of an erasure; - for standard input')
    .option('--keys <file>', 'the public keys, as saved from /.well-known/jwks.json')
    .option('--id <id...>', 'ids of conversations or calls that the certificate should cover')
    .addHelpText('after', EXAMPLES)
    .action(verify);
}

async function verify(file: string, options: Options): Promise<void> {
  const certificate = certificateOf(await readText(file));
  const keys = await readKeys(options.keys);
  const read = await readSigned<Statement>(certificate, keys, 'colloquy-erasure+jwt');
  if ('flaw' in read) throw new UsageError(FLAWS[read.flaw]);
  const { statement } = read;
  const amounts = Object.entries(statement.Counts).map(([kind, n]) => `${n} ${kind}`);
  console.log(`The certificate is valid.
  erasure    ${statement.ErasureId} of business ${statement.BusinessId}
  mode       ${statement.Mode}
  requested  ${statement.RequestedAt} by ${statement.RequestedBy}
  completed  ${statement.CompletedAt}
  erased     ${amounts.join(', ')}`);
  const { Searched, Mentions } = statement;
  if (Searched) console.log(`  searched   ${Searched.Kinds.join(', ')}, by ${Searched.Compared}`);
  if (Mentions) {
    console.log(`  mentions   replaced in ${Mentions.Changed}, ${Mentions.Held} under legal hold`);
  }
  const hashes = new Set(statement.Items.map(({ Hash }) => Hash));
  for (const id of options.id ?? []) {
    const isCovered = hashes.has(hash('sha256', `${statement.Salt} ${id}`));
    console.log(`  ${id} is ${isCovered ? '' : 'NOT '}covered`);
    if (!isCovered) process.exitCode = 1;
  }
}

const FLAWS: Readonly<Record<Flaw, string>> = {
  'unknown key': 'The certificate is NOT valid: it is not signed by any of these keys.',
  altered: 'The certificate is NOT valid: it was altered, or is not a certificate.',
  'another kind': 'This is signed, but is not the certificate of an erasure.',
};

const readText = (file: string) => (file === '-' ? text(process.stdin) : readFile(file, 'utf8'));

/** Of a file with only the certificate, or with its erasure as JSON. */
function certificateOf(content: string): string {
  const trimmed = content.trim();
  if (!trimmed.startsWith('{')) return trimmed;
  const erasure = parseJson(trimmed, 'The file');
  const { Certificate } = { ...(erasure.Data ?? {}), ...erasure } as { Certificate?: unknown };
  if (typeof Certificate === 'string') return Certificate;
  const status = erasure.Status ?? 'not completed';
  throw new UsageError(`This erasure is ${status}; it has no certificate.`);
}
