import { join } from 'node:path';
import type { ToolCall } from './conversation.ts';
import type { Dialogue, Turn } from './dialogue.ts';
import { readJsonLines } from './json-lines.ts';

interface TaskmasterDialogue {
  source_file: string;
  conversation_id: string;
  vertical: string;
  scenario: string;
  utterances: { speaker: 'user' | 'assistant'; text: string; annotations: Annotation[] }[];
}

/** `context` is `api_call_3` for a call, `api_response_3` for its result. */
interface Annotation {
  name: 'api_call' | 'request' | 'api_response' | 'response';
  value: string;
  context: string;
}

/** Reads Taskmaster-4: `taskmaster4/dialogues.jsonl`, one dialogue per line. */
export function readTaskmaster(dataFolder: string): AsyncGenerator<Dialogue> {
  return readJsonLines(join(dataFolder, 'taskmaster4/dialogues.jsonl'), toDialogue);
}

function toDialogue(record: TaskmasterDialogue): Dialogue {
  return {
    id: `taskmaster4-${record.conversation_id}`,
    provider: 'taskmaster-4',
    upstreamId: record.conversation_id,
    agentType: 'AI',
    agentId: 'taskmaster4-assistant',
    metadata: {
      DataSet: 'Taskmaster-4',
      Licence: 'CC BY 4.0',
      Locale: 'en-US',
      SourceFile: record.source_file,
      DialogueId: record.conversation_id,
      Vertical: record.vertical,
      UpstreamScenario: record.scenario,
    },
    // The data set attaches calls to the utterance that causes them.
    turns: record.utterances.flatMap((utterance): Turn[] => [
      {
        kind: 'speech',
        party: utterance.speaker === 'user' ? 'client' : 'agent',
        text: utterance.text,
      },
      ...toToolCalls(utterance.annotations).map((call): Turn => ({ kind: 'tool', call })),
    ]),
  };
}

function toToolCalls(annotations: Annotation[]): ToolCall[] {
  const calls = new Map<string, ToolCall>();
  for (const { name, value, context } of annotations) {
    const number = context.slice(context.lastIndexOf('_') + 1);
    if (name === 'api_call') {
      calls.set(number, { CallId: `call_${number}`, Name: value, Arguments: {} });
    }
    const call = calls.get(number);
    if (call && name === 'request') call.Arguments = parseOrKeep(value);
    if (call && name === 'response') call.Result = parseOrKeep(value);
  }
  return [...calls.values()];
}

/** Some values were typed by hand and are not JSON; they remain text. */
function parseOrKeep(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
