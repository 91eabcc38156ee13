import { nameOf } from '../conversations/facts.ts';
import { type Conversation, toMessageEntries } from './player/timeline.ts';

export function findSpeaker(conversation: Conversation, senderId: string): string {
  const client = conversation.Clients.find(({ ClientId }) => ClientId === senderId);
  const agent = conversation.Agents.find(({ AgentId }) => AgentId === senderId);
  return nameOf(client ?? agent ?? {}, senderId);
}

function timestamp(given: number): string {
  const milliseconds = Math.max(given, 0);
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  const seconds = milliseconds / 1000;
  const rest = String(Math.floor(milliseconds % 1000)).padStart(3, '0');
  return `${two(seconds / 3600)}:${two((seconds / 60) % 60)}:${two(seconds % 60)}.${rest}`;
}

export function toText(conversation: Conversation): string {
  const { Id, StartTime, EndTime, Status, EndType } = conversation;
  const head = [
    `Conversation ${Id}`,
    `Started ${StartTime}${EndTime === null ? '' : `, ended ${EndTime}`}`,
    `${Status}${EndType === null ? '' : `, ${EndType}`}`,
    '',
  ];
  const lines = toMessageEntries(conversation).map(({ at, message }) => {
    const speaker = message.ToolCall?.Name ?? findSpeaker(conversation, message.SenderId);
    // Most tool messages contain only the result of the call.
    const said = message.Content || (JSON.stringify(message.ToolCall?.Result) ?? '');
    const content = said.trim().replaceAll(/\s*[\r\n]\s*/g, '\n    ');
    const time = timestamp(at).replace(/\.\d+$/, '');
    return `[${time}] ${speaker}: ${content}${message.WasInterrupted ? ' —' : ''}`;
  });
  return `${[...head, ...lines].join('\n')}\n`;
}

/** Escapes the markup of cues; a blank line would end the cue. */
const cueText = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/\s*[\r\n]\s*/g, '\n')
    .trim();

/** WebVTT (https://www.w3.org/TR/webvtt1/): one cue per message, with its speaker as voice. */
export function toWebVtt(conversation: Conversation): string {
  const cues = toMessageEntries(conversation)
    .filter(({ message }) => message.Role !== 'Tool' && cueText(message.Content) !== '')
    .map(({ number, at, until, message }) => {
      const voice = cueText(findSpeaker(conversation, message.SenderId)).replaceAll('\n', ' ');
      // A cue must end after it starts, and start at 0 or later.
      const from = Math.max(at, 0);
      const times = `${timestamp(from)} --> ${timestamp(Math.max(until, from + 1))}`;
      return `${number}\n${times}\n<v ${voice}>${cueText(message.Content)}</v>`;
    });
  return `WEBVTT\n\n${cues.join('\n\n')}\n`;
}
