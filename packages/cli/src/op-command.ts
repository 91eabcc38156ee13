import type { RequestOptions } from '@colloquy/sdk';
import type { Op } from '@colloquy/wire';
import { Command } from 'commander';
import { AUDIO_ENDINGS, audioTypeOf, openAudio } from './audio-file.ts';
import { readBody } from './body.ts';
import { connect } from './connection.ts';
import { UsageError } from './failure.ts';
import { kebabCase, opOptions } from './op-options.ts';
import { writeJson, writeLine } from './output.ts';

type Input = Record<string, unknown>;
/** The client's methods by name; the command line checks no types, the server does. */
type Methods = Record<string, (input: Input, options?: RequestOptions) => Promise<unknown>>;
interface Walk {
  items(list: string, input: Input): AsyncIterable<unknown>;
}

/** The command of an operation: its options, and a call of the client's method. */
export function opCommand(op: Op): Command {
  const options = opOptions(op);
  const command = new Command(kebabCase(op.name))
    .summary(op.summary.replaceAll('`', ''))
    .description(describe(op));
  for (const { option } of options) command.addOption(option);
  const takesJson = op.body !== null && op.body !== 'audio';
  if (takesJson) {
    command.option('--body <json>', 'the body: JSON, @<file>, or - for the standard input');
  }
  if (op.body === 'audio') {
    command.requiredOption('--file <path>', `the recording (${AUDIO_ENDINGS})`);
    command.option('--content-type <type>', "its type, where the file's ending does not tell");
  }
  const isList = 'Items' in ((op.output as { properties?: object }).properties ?? {});
  if (isList) command.option('--all', 'the items of all pages, one line of JSON each');
  command.addHelpText('after', exampleOf(op));

  return command.action(async () => {
    const given = command.opts<Record<string, unknown>>();
    const client = connect();
    const set = options.filter(({ option }) => given[option.attributeName()] !== undefined);
    const body = await readBody(given.body as string | undefined);
    // A body that nothing is added to goes as it was given, so that the server sees all of it.
    const asGiven = body !== null && given.all !== true && !set.some(({ inBody }) => inBody);
    const input: Input = body === null || asGiven ? {} : body.value;
    for (const { key, option } of set) input[key] = given[option.attributeName()];
    if (op.body === 'audio') Object.assign(input, await audioOf(given));
    const method = op.name.charAt(0).toLowerCase() + op.name.slice(1);
    if (isList && given.all === true) {
      if (!('Limit' in input)) input.Limit = 100;
      for await (const item of (client as unknown as Walk).items(method, input)) {
        await writeLine(item);
      }
      return;
    }
    const call = (client as unknown as Methods)[method];
    await writeJson(await call?.(input, asGiven ? { json: body.json } : {}));
  });
}

async function audioOf(given: Record<string, unknown>): Promise<Input> {
  const path = String(given.file);
  const contentType = given.contentType ?? audioTypeOf(path);
  if (contentType === null) {
    throw new UsageError(`The ending of ${path} does not tell what it is; give --content-type.`);
  }
  return { contentType, audio: await openAudio(path) };
}

function describe(op: Op): string {
  const about = op.description === undefined ? '' : `\n\n${op.description}`;
  return `${op.summary}.${about}`.replaceAll('`', '');
}

function exampleOf(op: Op): string {
  const samples: Record<string, string> = {
    businessId: '--business 12345',
    sessionId: '--session session_abc123',
    participantId: '--participant client_123',
    queueId: '--queue queue_xyz789',
    userId: '--user user_01',
    apiKeyId: '--api-key-id key_01',
  };
  const parts = ['colloquy', kebabCase(op.name)];
  for (const key of Object.keys(op.params.properties)) {
    parts.push(samples[key] ?? `--${kebabCase(key)} …`);
  }
  if (op.body === 'audio') parts.push('--file client_123.wav');
  else if (op.body !== null) {
    const body = JSON.stringify(op.examples?.body ?? {});
    parts.push(body.length > 100 ? '--body @body.json' : `--body '${body}'`);
  }
  return `\nExample:\n  ${parts.join(' ')}`;
}
