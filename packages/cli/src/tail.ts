import type { StreamedEvent } from '@colloquy/sdk';
import { ops } from '@colloquy/wire';
import { Command } from 'commander';
import { connect } from './connection.ts';
import { UsageError } from './failure.ts';
import { opOptions } from './op-options.ts';
import { writeLine, writeText } from './output.ts';
import { wholeNumber } from './whole-number.ts';

const DESCRIPTION = `Prints what happens in a business, or in one conversation, while it happens.

A lost connection is made again without a gap. With --session, the command ends when the conversation is sealed.`;

const EXAMPLES = `
Examples:
  colloquy tail --business 12345
  colloquy tail --business 12345 --session session_abc123
  colloquy tail --business 12345 --since 2024-01-15T14:30:00Z --json > events.ndjson`;

const options = opOptions(ops.StreamBusiness);

export function tailCommand(): Command {
  const command = new Command('tail')
    .summary('Follow conversations while they happen')
    .description(DESCRIPTION);
  for (const { option } of options) command.addOption(option);
  return command
    .option('--session <text>', 'the id of a conversation: print its events from the first one')
    .option('--json', 'print each event as a line of JSON')
    .option('--count <number>', 'stop after this number of events', wholeNumber)
    .addHelpText('after', EXAMPLES)
    .action(() => runTail(command.opts()));
}

async function runTail(given: Readonly<Record<string, unknown>>): Promise<void> {
  const { session, json, count = Number.POSITIVE_INFINITY } = given;
  const set = options.filter(({ option }) => given[option.attributeName()] !== undefined);
  const input = Object.fromEntries(
    set.map(({ key, option }) => [key, given[option.attributeName()]]),
  );
  const { businessId, ...query } = input;
  const [other] = Object.keys(query).filter((key) => key !== 'LastEventId');
  if (session !== undefined && other !== undefined) {
    const flag = set.find(({ key }) => key === other)?.option.long;
    throw new UsageError(`${flag} chooses conversations; leave it out with --session.`);
  }
  const name = session === undefined ? {} : { sessionId: session };
  // Untyped: the server validates the input.
  const stream = connect().stream({ ...query, businessId, ...name } as never);
  let printed = 0;
  for await (const event of stream) {
    await (json === true ? writeLine(event) : writeText(`${describeEvent(event)}\n`));
    printed += 1;
    if (printed >= Number(count)) return;
  }
}

function describeEvent(event: StreamedEvent): string {
  if (event.Type === 'Reset') return '--- events were missed; everything follows ---';
  const time = event.Timestamp.slice(11, 19);
  return `${time}  ${event.ConversationId}  ${withoutControls(textOf(event))}`;
}

/** A text could otherwise control the terminal. */
const withoutControls = (text: string) => text.replaceAll(/\p{Cc}+/gu, ' ');

function textOf(event: Exclude<StreamedEvent, { readonly Type: 'Reset' }>): string {
  switch (event.Type) {
    case 'MessageAdded':
      return `${event.SenderId}: ${event.Content}`;
    case 'LogAdded':
      return `[${event.Level}] ${event.Message}`;
    case 'SessionStarted':
      return `${event.Type} ${event.InitiationType}`;
    case 'SessionEnded':
      return `${event.Type} ${event.EndType}`;
    case 'StatusChanged':
      return `${event.Type} ${event.Status}`;
    case 'ClientJoined':
    case 'ClientLeft':
      return `${event.Type} ${event.ClientId}`;
    case 'AgentJoined':
    case 'AgentLeft':
      return `${event.Type} ${event.AgentId}`;
    case 'ConversationPurged':
      return `${event.Type} ${event.Parts.join(', ')}`;
    case 'RecordingReady':
      return `${event.Type} ${event.ParticipantId ?? 'of all participants'}`;
    default:
      return event.Type;
  }
}
