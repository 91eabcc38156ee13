import { appendFile, readFile } from 'node:fs/promises';
import type { Client } from '@colloquy/sdk';
import { Command } from 'commander';
import type { JSONWebKeySet } from 'jose';
import { AuditChain, type Entry } from './audit-chain.ts';
import { connect } from './connection.ts';
import { type Flaw, readKeys, readSigned } from './signed-statement.ts';
import { wholeNumber } from './whole-number.ts';

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

interface HeadStatement {
  readonly BusinessId: number;
  readonly Number: number;
  readonly Hash: string;
  readonly At: string;
}

class InvalidLogError extends Error {}

export function verifyAuditCommand(): Command {
  return new Command('verify-audit')
    .summary('Check that the audit log was not changed')
    .description(DESCRIPTION)
    .requiredOption('--business <number>', 'the id of the business', wholeNumber)
    .option('--keys <file>', 'the public keys, as saved from /.well-known/jwks.json')
    .option('--heads <file>', 'a file of signed heads, one per line; the newest is added')
    .addHelpText('after', EXAMPLES)
    .action(verify);
}

async function verify({ business, keys: keysFile, heads: headsFile }: Options): Promise<void> {
  const log = { client: connect(), keys: await readKeys(keysFile), businessId: business };
  const progress = showProgress();
  try {
    const savedHeads = await readSavedHeads(headsFile, log);
    const { chain, head } = await checkLog(log, savedHeads, progress.show);
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
    const isSaved = savedHeads.some(({ statement }) => statement.Number === number);
    if (headsFile !== undefined && !isSaved) await appendFile(headsFile, `${head.signature}\n`);
  } catch (error) {
    if (!(error instanceof InvalidLogError)) throw error;
    progress.end();
    console.log(`The audit log of business ${business} is NOT valid: ${error.message}`);
    process.exitCode = 1;
  }
}

interface AuditLog {
  readonly client: Client;
  readonly keys: JSONWebKeySet;
  readonly businessId: number;
}

async function checkLog(
  log: AuditLog,
  savedHeads: readonly SignedHead[],
  onProgress: (entries: number) => void,
) {
  const { client, businessId } = log;
  const before = await readHeads(log);
  const signed = [...savedHeads, ...before].map(({ statement }) => statement);
  const chain = new AuditChain(businessId, signed);
  for await (const entry of client.items('getAuditChain', { businessId, Limit: 1000 })) {
    const problem = chain.add(entry as Entry);
    if (problem !== null) throw new InvalidLogError(problem);
    onProgress(chain.length);
  }
  // Entries added during the check are signed too.
  const after = await readHeads(log);
  const problem = chain.end(after.map(({ statement }) => statement));
  if (problem !== null) throw new InvalidLogError(problem);
  return { chain, head: after.at(-1) };
}

interface SignedHead {
  readonly signature: string;
  readonly statement: HeadStatement;
}

async function readHeads({ client, keys, businessId }: AuditLog) {
  const heads: SignedHead[] = [];
  for await (const head of client.items('getAuditHeads', { businessId, Limit: 100 })) {
    const name = `the head at entry ${head.Number}`;
    const { statement } = await readHead(head.Signature, keys, name);
    const { BusinessId, Number: number, Hash } = statement;
    if (BusinessId !== businessId || number !== head.Number || Hash !== head.Hash) {
      throw new InvalidLogError(`${name} differs from its signature.`);
    }
    heads.push({ signature: head.Signature, statement });
  }
  return heads;
}

/** None if the file does not exist yet. */
async function readSavedHeads(file: string | undefined, { keys, businessId }: AuditLog) {
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
  'unknown key': 'is not signed by any of these keys.',
  altered: 'was altered, or is not a signed head.',
  'another kind': 'is signed, but is not the head of an audit log.',
};

async function readHead(signature: string, keys: JSONWebKeySet, name: string): Promise<SignedHead> {
  const read = await readSigned<HeadStatement>(signature, keys, 'colloquy-audit+jwt');
  if ('flaw' in read) throw new InvalidLogError(`${name} ${FLAWS[read.flaw]}`);
  return { signature, statement: read.statement };
}

/** An updated line on a terminal, else a line every 5 seconds. */
function showProgress(output: NodeJS.WriteStream = process.stderr) {
  const pause = output.isTTY ? 250 : 5_000;
  let shownAt = performance.now();
  let isShown = false;
  return {
    show(entries: number) {
      if (performance.now() - shownAt < pause) return;
      shownAt = performance.now();
      isShown = output.isTTY === true;
      output.write(isShown ? `\r\x1b[2K${entries} entries` : `${entries} entries\n`);
    },
    end() {
      if (isShown) output.write('\r\x1b[2K');
    },
  };
}
