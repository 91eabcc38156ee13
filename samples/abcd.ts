import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DataSetError, type Dialogue, type Turn } from './dialogue.ts';

interface AbcdDialogue {
  convo_id: number;
  scenario: { personal: { customer_name: string }; flow: string; subflow: string };
  original: [speaker: 'agent' | 'customer' | 'action', text: string][];
  /** The same turns; `targets` of an action are flow, kind, name of the action, its values. */
  delexed: { targets: [string, string | null, string | null, string[], number] }[];
}

/** Reads ABCD's three published samples, `abcd-sample/abcd_sample.json`, a small JSON array. */
export async function* readAbcd(dataFolder: string): AsyncGenerator<Dialogue> {
  const path = join(dataFolder, 'abcd-sample/abcd_sample.json');
  const text = await readFile(path, 'utf8');
  for (const record of parse(text, path)) yield toDialogue(record);
}

function parse(text: string, path: string): AbcdDialogue[] {
  try {
    return JSON.parse(text) as AbcdDialogue[];
  } catch {
    throw new DataSetError(`${path} is not valid JSON.`);
  }
}

function toDialogue(record: AbcdDialogue): Dialogue {
  return {
    id: `abcd-${record.convo_id}`,
    provider: 'abcd',
    upstreamId: String(record.convo_id),
    agentType: 'Human',
    agentId: `abcd-${record.convo_id}-agent`,
    clientName: record.scenario.personal.customer_name,
    metadata: {
      DataSet: 'Action-Based Conversations Dataset',
      Licence: 'MIT',
      Locale: 'en-US',
      DialogueId: record.convo_id,
      Flow: record.scenario.flow,
      Subflow: record.scenario.subflow,
    },
    turns: record.original.map(([speaker, text], index): Turn => {
      if (speaker !== 'action') {
        return { kind: 'speech', party: speaker === 'agent' ? 'agent' : 'client', text };
      }
      const targets = record.delexed[index]?.targets;
      return {
        kind: 'tool',
        call: {
          CallId: `call_${index}`,
          Name: targets?.[2] ?? 'action',
          Arguments: { values: targets?.[3] ?? [] },
          Result: text,
        },
      };
    }),
  };
}
