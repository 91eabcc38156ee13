import type { RequestOptions } from '@colloquy/sdk';
import { type CsvInput, IDEMPOTENCY_KEY, type Op } from '@colloquy/wire';
import { Command, Option } from 'commander';
import { AUDIO_EXTENSIONS, audioTypeOf } from './audio-file.ts';
import { readBody } from './body.ts';
import { connect } from './connection.ts';
import { UsageError } from './failure.ts';
import { openFile, openStandardInput } from './file-bytes.ts';
import { aboutText, flagOf, kebabCase, opOptions, plainText } from './op-options.ts';
import { writeJson, writeLine } from './output.ts';

type Input = Record<string, unknown>;
/** Untyped methods of the client: the server validates the input. */
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
    // Sends a body without further options unchanged: parsing could hide errors from the server.
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

function addBodyOptions(command: Command, op: Op): void {
  if (op.body !== null && op.body !== 'audio') {
    command.option('--body <json>', 'the body: JSON, @<file>, or - for the standard input');
  }
  if (op.body === 'audio') {
    command.requiredOption('--file <path>', `the recording (${AUDIO_EXTENSIONS})`);
    command.option(
      '--content-type <type>',
      'the media type, if it does not follow from the file name',
    );
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

async function rowsOf(path: string): Promise<Blob | ReadableStream<Uint8Array>> {
  return path === '-' ? openStandardInput() : openFile(path);
}

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

/** The required options of rows, with values from the example body. */
function csvSamples(op: Op, csv: CsvInput): string[] {
  const body = (op.examples?.body ?? {}) as Readonly<Record<string, unknown>>;
  const required: readonly string[] = csv.query.required ?? [];
  const samples = required.map((key) => `${flagOf(key)} ${body[key] ?? '…'}`);
  return op.takesIdempotencyKey
    ? [...samples, `--idempotency-key ${IDEMPOTENCY_KEY.example}`]
    : samples;
}
