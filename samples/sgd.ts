import { join } from 'node:path';
import type { ToolCall } from './conversation.ts';
import type { Dialogue, Turn } from './dialogue.ts';
import { readJsonLines } from './json-lines.ts';

interface SgdDialogue {
  source_file: string;
  dialogue_id: string;
  services: string[];
  turns: { speaker: 'USER' | 'SYSTEM'; utterance: string; frames: SgdFrame[] }[];
}

interface SgdFrame {
  actions: { act: string }[];
  service_call?: { method: string; parameters: Record<string, string> };
  service_results?: Record<string, string>[];
}

/** Reads Schema-Guided Dialogue: `sgd/dialogues.jsonl`, one dialogue per line. */
export function readSgd(dataFolder: string): AsyncGenerator<Dialogue> {
  return readJsonLines(join(dataFolder, 'sgd/dialogues.jsonl'), toDialogue);
}

function toDialogue(record: SgdDialogue): Dialogue {
  // A dialogue_id is unique only within its split, which is the folder of the source file.
  const split = record.source_file.split('/')[0] ?? 'train';
  return {
    id: `sgd-${split}-${record.dialogue_id}`,
    provider: 'schema-guided-dialogue',
    upstreamId: `${split}/${record.dialogue_id}`,
    agentType: 'AI',
    agentId: 'sgd-assistant',
    metadata: {
      DataSet: 'Schema-Guided Dialogue',
      Licence: 'CC BY-SA 4.0',
      Locale: 'en-US',
      SourceFile: record.source_file,
      DialogueId: record.dialogue_id,
      Services: record.services,
      Outcome: outcome(record),
    },
    turns: toTurns(record),
  };
}

/** The data set shows the result of a transaction only in the acts of the assistant. */
function outcome(record: SgdDialogue): string | null {
  const frames = record.turns.flatMap((turn) => turn.frames);
  const acts = new Set(frames.flatMap((frame) => frame.actions.map((action) => action.act)));
  if (acts.has('NOTIFY_SUCCESS')) return 'Success';
  return acts.has('NOTIFY_FAILURE') ? 'Failure' : null;
}

function toTurns(record: SgdDialogue): Turn[] {
  const turns: Turn[] = [];
  let calls = 0;
  for (const { speaker, utterance, frames } of record.turns) {
    for (const frame of frames) {
      if (!frame.service_call) continue;
      calls += 1;
      turns.push({ kind: 'tool', call: toToolCall(frame, frame.service_call, calls) });
    }
    const party = speaker === 'USER' ? 'client' : 'agent';
    turns.push({ kind: 'speech', party, text: utterance });
  }
  return turns;
}

function toToolCall(
  frame: SgdFrame,
  call: NonNullable<SgdFrame['service_call']>,
  number: number,
): ToolCall {
  const failed = frame.actions.some((action) => action.act === 'NOTIFY_FAILURE');
  return {
    CallId: `call_${number}`,
    Name: call.method,
    Arguments: call.parameters,
    Result: frame.service_results ?? [],
    ...(failed && { IsError: true }),
  };
}
