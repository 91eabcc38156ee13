import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { RequestOptions } from '@colloquy/sdk';
import { type CsvInput, IDEMPOTENCY_KEY, type Op } from '@colloquy/wire';
import { Command, Option } from 'commander';
import { AUDIO_EXTENSIONS, audioTypeOf } from './audio-file.ts';
import { connect } from './connection.ts';
import { UsageError } from './failure.ts';
import { openFile } from './file-bytes.ts';
import { aboutText, flagOf, kebabCase, opOptions, plainText } from './op-options.ts';
import { writeJson, writeLine } from './output.ts';

type Input = Record<string, unknown>;
/** Untyped: the server validates the input. */
type Methods = Record<string, (input: Input, options?: RequestOptions) => Promise<unknown>>;
interface Walk {
  items(list: string, input: Input): AsyncIterable<unknown>;
}

export function opCommand(op: Op): Command {
  const options = opOptions(op);
  const command = new Command(kebabCase(op.name))
    .summary(plainText(op.summary))
    .description(aboutText(op));
  for (const { option } of options) command.addOption(option);
  addBodyOptions(command, op);
  const isList = 'Items' in ((op.output as { properties?: object }).properties ?? {});
  if (isList) command.option('--all', 'print the items of all pages, one line of JSON each');
  command.addHelpText('after', exampleOf(op));

  return command.action(async () => {
    const given = command.opts<Record<string, unknown>>();
    const client = connect();
    const set = options.filter(({ option }) => given[option.attributeName()] !== undefined);
    const wrong = set.find(({ onlyWithCsv }) => onlyWithCsv && given.csv === undefined);
    if (wrong) throw new UsageError(`${wrong.option.long} needs --csv; without it, use --body.`);
    const body = await readBody(given.body as string | undefined);
    // Parsing could hide errors from the server.
    const isUnchanged = body !== null && given.all !== true && !set.some(({ inBody }) => inBody);
    const input: Input = body === null || isUnchanged ? {} : body.value;
    for (const { key, option } of set) input[key] = given[option.attributeName()];
    if (op.body === 'audio') Object.assign(input, await audioOf(given));
    if (op.csv && given.csv !== undefined) input.csv = await rowsOf(String(given.csv));
    const method = op.name.charAt(0).toLowerCase() + op.name.slice(1);
    if (isList && given.all === true) {
      if (!('Limit' in input)) input.Limit = 100;
      for await (const item of (client as unknown as Walk).items(method, input)) {
        await writeLine(item);
      }
      return;
    }
    const call = (client as unknown as Methods)[method];
    const { idempotencyKey } = given;
    const answer = await call?.(input, {
      ...(isUnchanged && { json: body.json }),
      ...(typeof idempotencyKey === 'string' && { idempotencyKey }),
    });
    await writeJson(answer);
  });
}

async function readBody(given: string | undefined): Promise<{ json: string; value: Input } | null> {
  if (given === undefined) return null;
  const path = given.startsWith('@') ? given.slice(1) : null;
  const json =
    given === '-'
      ? await text(process.stdin)
      : path === null
        ? given
        : await readFile(path, 'utf8');
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw new UsageError(`The body is not JSON: ${(error as Error).message}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new UsageError('The body must be a JSON object.');
  }
  return { json, value: value as Input };
}

function addBodyOptions(command: Command, op: Op): void {
  if (op.body !== null && op.body !== 'audio') {
    command.option('--body <json>', 'the body: JSON, @<file>, or - for the standard input');
  }
  if (op.body === 'audio') {
    command.requiredOption('--file <path>', `the recording (${AUDIO_EXTENSIONS})`);
    const type = 'the media type, if it does not follow from the file name';
    command.option('--content-type <type>', type);
  }
  if (op.csv) {
    const csv = 'a file of rows instead of the body, or - for the standard input';
    command.addOption(new Option('--csv <file>', csv).conflicts('body'));
  }
  if (op.takesIdempotencyKey) {
    command.option('--idempotency-key <text>', plainText(IDEMPOTENCY_KEY.description));
  }
}

async function audioOf(given: Record<string, unknown>): Promise<Input> {
  const path = String(given.file);
  const contentType = given.contentType ?? audioTypeOf(path);
  if (contentType === null) {
    throw new UsageError(`The type of ${path} is unknown; name it with --content-type.`);
  }
  return { contentType, audio: await openFile(path) };
}

const rowsOf = async (path: string) =>
  path === '-' ? Readable.toWeb(process.stdin) : openFile(path);

function exampleOf(op: Op): string {
  const params = Object.entries(op.params.properties).map(([key, schema]) => {
    const { examples } = schema as { examples?: readonly unknown[] };
    return `${flagOf(key)} ${examples?.[0] ?? '…'}`;
  });
  const line = (...parts: string[]) =>
    `\n  ${['colloquy', kebabCase(op.name), ...params, ...parts].join(' ')}`;
  if (op.body === 'audio') return `\nExample:${line('--file client_123.wav')}`;
  if (op.body === null) return `\nExample:${line()}`;
  const body = JSON.stringify(op.examples?.body ?? {});
  const json = line(body.length > 100 ? '--body @body.json' : `--body '${body}'`);
  if (!op.csv) return `\nExample:${json}`;
  return `\nExamples:${json}${line('--csv rows.csv', ...csvSamples(op, op.csv))}`;
}

/** With values from the example body. */
function csvSamples(op: Op, csv: CsvInput): string[] {
  const body = (op.examples?.body ?? {}) as Readonly<Record<string, unknown>>;
  const required: readonly string[] = csv.query.required ?? [];
  return [
    ...required.map((key) => `${flagOf(key)} ${body[key] ?? '…'}`),
    ...(op.takesIdempotencyKey ? [`--idempotency-key ${IDEMPOTENCY_KEY.example}`] : []),
  ];
}
