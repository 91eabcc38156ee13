import { nameOf } from '../conversations/facts.ts';
import { type Conversation, messagesOf } from './player/timeline.ts';

/** Whose words they are, by the names that are known. */
export function speakerOf(conversation: Conversation, senderId: string): string {
  const client = conversation.Clients.find(({ ClientId }) => ClientId === senderId);
  const agent = conversation.Agents.find(({ AgentId }) => AgentId === senderId);
  return nameOf(client ?? agent ?? {}, senderId);
}

/** "01:02:03.045" */
function timestamp(given: number): string {
  const milliseconds = Math.max(given, 0);
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  const seconds = milliseconds / 1000;
  const rest = String(Math.floor(milliseconds % 1000)).padStart(3, '0');
  return `${two(seconds / 3600)}:${two((seconds / 60) % 60)}:${two(seconds % 60)}.${rest}`;
}

/** A line for each message: when, who, what. */
export function toText(conversation: Conversation): string {
  const { Id, StartTime, EndTime, Status, EndType } = conversation;
  const head = [
    `Conversation ${Id}`,
    `Started ${StartTime}${EndTime === null ? '' : `, ended ${EndTime}`}`,
    `${Status}${EndType === null ? '' : `, ${EndType}`}`,
    '',
  ];
  const lines = messagesOf(conversation).map(({ at, message }) => {
    const who = message.ToolCall?.Name ?? speakerOf(conversation, message.SenderId);
    // Of most calls of a tool all there is to read is what came back.
    const said = message.Content || (JSON.stringify(message.ToolCall?.Result) ?? '');
    const content = said.trim().replaceAll(/\s*[\r\n]\s*/g, '\n    ');
    const time = timestamp(at).replace(/\.\d+$/, '');
    return `[${time}] ${who}: ${content}${message.WasInterrupted ? ' —' : ''}`;
  });
  return `${[...head, ...lines].join('\n')}\n`;
}

/** What has a meaning in a cue is written so that it has none; a blank line would end the cue. */
const cueText = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/\s*[\r\n]\s*/g, '\n')
    .trim();

/** WebVTT (https://www.w3.org/TR/webvtt1/): a cue for each thing said, with its voice. */
export function toWebVtt(conversation: Conversation): string {
  const cues = messagesOf(conversation)
    .filter(({ message }) => message.Role !== 'Tool' && cueText(message.Content) !== '')
    .map(({ number, at, until, message }) => {
      const voice = cueText(speakerOf(conversation, message.SenderId)).replaceAll('\n', ' ');
      // A cue ends after it begins, which is not before the recording does.
      const from = Math.max(at, 0);
      const times = `${timestamp(from)} --> ${timestamp(Math.max(until, from + 1))}`;
      return `${number}\n${times}\n<v ${voice}>${cueText(message.Content)}</v>`;
    });
  return `WEBVTT\n\n${cues.join('\n\n')}\n`;
}
