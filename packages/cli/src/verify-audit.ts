import { appendFile, readFile } from 'node:fs/promises';
import type { Client } from '@colloquy/sdk';
import { Command, InvalidArgumentError } from 'commander';
import type { JSONWebKeySet } from 'jose';
import { AuditChain, type Entry } from './audit-chain.ts';
import { connect } from './connection.ts';
import { type Flaw, readKeys, readSigned } from './signed-statement.ts';

const DESCRIPTION = `Checks that no entry of the audit log of a business was changed, removed, added or moved, and that the server signed the end of the log.

The command reads the whole log and needs a key with access to the settings. Erased content does not matter, since the chain consists of hashes. A person with access to the database could cut off the end of the log together with its signatures. To detect this, keep the heads elsewhere: with --heads, the log must contain each head of the file, and the newest head is added to the file.`;

const EXAMPLES = `
Examples:
  colloquy verify-audit --business 12345
  colloquy verify-audit --business 12345 --keys jwks.json --heads audit-heads.txt`;

interface Options {
  business: number;
  keys?: string;
  heads?: string;
}

/** What a signed head says. */
interface HeadStatement {
  readonly BusinessId: number;
  readonly Number: number;
  readonly Hash: string;
  readonly At: string;
}

/** The log is not what was signed. */
class Misfit extends Error {}

/** The command `colloquy verify-audit`. */
export function verifyAuditCommand(): Command {
  return new Command('verify-audit')
    .summary('Check that the audit log was not changed')
    .description(DESCRIPTION)
    .requiredOption('--business <number>', 'the id of the business', businessOf)
    .option('--keys <file>', 'the public keys, as saved from /.well-known/jwks.json')
    .option('--heads <file>', 'a file of signed heads, one per line; the newest is added')
    .addHelpText('after', EXAMPLES)
    .action(verify);
}

function businessOf(text: string): number {
  if (/^[1-9]\d{0,15}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It is a positive integer.');
}

async function verify({ business, keys: keysFile, heads: headsFile }: Options): Promise<void> {
  const client = connect();
  const keys = await readKeys(keysFile);
  const progress = showProgress();
  try {
    const kept = await readKept(headsFile, keys, business);
    const { chain, head } = await check(client, keys, business, kept);
    progress.end();
    if (!head) {
      console.log(`The audit log of business ${business} is empty.`);
      return;
    }
    const { Number: number, At, Hash } = head.statement;
    console.log(`The audit log of business ${business} is valid.
  entries  ${chain.length}
  signed   up to entry ${number}, at ${At}
  hash     ${Hash}`);
    const isKept = kept.some(({ statement }) => statement.Number === number);
    if (headsFile !== undefined && !isKept) await appendFile(headsFile, `${head.signature}\n`);
  } catch (error) {
    if (!(error instanceof Misfit)) throw error;
    progress.end();
    console.log(`The audit log of business ${business} is NOT valid: ${error.message}`);
    process.exitCode = 1;
  }

  async function check(
    from: Client,
    publicKeys: JSONWebKeySet,
    businessId: number,
    kept: readonly SignedHead[],
  ) {
    const before = await readHeads(from, publicKeys, businessId);
    const chain = new AuditChain(
      businessId,
      [...kept, ...before].map(({ statement }) => statement),
    );
    for await (const entry of from.items('getAuditChain', { businessId, Limit: 1000 })) {
      const misfit = chain.add(entry as Entry);
      if (misfit !== null) throw new Misfit(misfit);
      progress.at(chain.length);
    }
    // What came meanwhile is signed as well.
    const after = await readHeads(from, publicKeys, businessId);
    const misfit = chain.end(after.map(({ statement }) => statement));
    if (misfit !== null) throw new Misfit(misfit);
    return { chain, head: after.at(-1) };
  }
}

interface SignedHead {
  readonly signature: string;
  readonly statement: HeadStatement;
}

/** The heads that the server has, in the order of the chain. */
async function readHeads(
  client: Client,
  keys: JSONWebKeySet,
  businessId: number,
): Promise<SignedHead[]> {
  const heads: SignedHead[] = [];
  for await (const head of client.items('getAuditHeads', { businessId, Limit: 100 })) {
    const what = `the head at entry ${head.Number}`;
    const { statement } = await readHead(head.Signature, keys, what);
    const { BusinessId, Number: number, Hash } = statement;
    if (BusinessId !== businessId || number !== head.Number || Hash !== head.Hash) {
      throw new Misfit(`${what} is not the one that was signed.`);
    }
    heads.push({ signature: head.Signature, statement });
  }
  return heads;
}

/** Those of a file that are of the business. A file that is not there yet has none. */
async function readKept(
  file: string | undefined,
  keys: JSONWebKeySet,
  businessId: number,
): Promise<SignedHead[]> {
  if (file === undefined) return [];
  const content = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  const lines = content.split('\n').filter((line) => line.trim() !== '');
  const heads: SignedHead[] = [];
  for (const [at, line] of lines.entries()) {
    heads.push(await readHead(line.trim(), keys, `line ${at + 1} of ${file}`));
  }
  return heads.filter(({ statement }) => statement.BusinessId === businessId);
}

const FLAWS: Readonly<Record<Flaw, string>> = {
  'unknown key': 'is signed by none of these keys.',
  altered: 'was altered, or is no signed head.',
  'another kind': 'is signed, but it is no head of an audit log.',
};

async function readHead(signature: string, keys: JSONWebKeySet, what: string): Promise<SignedHead> {
  const read = await readSigned<HeadStatement>(signature, keys, 'colloquy-audit+jwt');
  if ('flaw' in read) throw new Misfit(`${what} ${FLAWS[read.flaw]}`);
  return { signature, statement: read.statement };
}

/** How far it is, on the standard error: one line on a terminal, else one every few seconds. */
function showProgress(output: NodeJS.WriteStream = process.stderr) {
  const pause = output.isTTY ? 250 : 5_000;
  let saidAt = performance.now();
  let isShown = false;
  return {
    at(entries: number) {
      if (performance.now() - saidAt < pause) return;
      saidAt = performance.now();
      isShown = output.isTTY === true;
      output.write(isShown ? `\r\x1b[2K${entries} entries` : `${entries} entries\n`);
    },
    end() {
      if (isShown) output.write('\r\x1b[2K');
    },
  };
}
