import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DataSetError, type Dialogue, type SpeechTurn } from './dialogue.ts';

interface ConsultationNote {
  presenting_complaint: string;
  note: string;
  highlights: string[];
}

/** The mark for unintelligible speech in the demo, in place of the transcriber's. */
export const INAUDIBLE = '[inaudible]';

/**
 * Reads PriMock57 in its published form: `primock57/transcripts/<id>_{doctor,patient}.TextGrid` and
 * `primock57/notes/<id>.json`. The times are those of the recorded mock consultations.
 */
export async function* readPrimock57(dataFolder: string): AsyncGenerator<Dialogue> {
  const folder = join(dataFolder, 'primock57');
  const files = await readdir(join(folder, 'transcripts'));
  const ending = '_doctor.TextGrid';
  const ids = files.filter((file) => file.endsWith(ending)).map((file) => file.replace(ending, ''));
  for (const id of ids.sort()) {
    const doctor = await readTextGrid(join(folder, `transcripts/${id}_doctor.TextGrid`), 'agent');
    const patient = await readTextGrid(
      join(folder, `transcripts/${id}_patient.TextGrid`),
      'client',
    );
    const note = await readNote(join(folder, `notes/${id}.json`));
    yield {
      id: `primock57-${id}`,
      provider: 'primock57',
      upstreamId: id,
      agentType: 'Human',
      agentId: `primock57-${id}-doctor`,
      metadata: {
        DataSet: 'PriMock57',
        Licence: 'CC BY 4.0',
        Locale: 'en-GB',
        DialogueId: id,
        PresentingComplaint: note.presenting_complaint,
        ClinicalNote: note.note,
        Highlights: note.highlights,
      },
      turns: [...doctor.turns, ...patient.turns].sort((a, b) => startOf(a) - startOf(b)),
      durationMs: Math.max(doctor.durationMs, patient.durationMs),
    };
  }
}

export function startOf(turn: SpeechTurn): number {
  return turn.startMs ?? 0;
}

async function readNote(path: string): Promise<ConsultationNote> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as ConsultationNote;
  } catch (error) {
    if (error instanceof SyntaxError) throw new DataSetError(`${path} is not valid JSON.`);
    throw error;
  }
}

async function readTextGrid(
  path: string,
  party: SpeechTurn['party'],
): Promise<{ turns: SpeechTurn[]; durationMs: number }> {
  const text = await readFile(path, 'utf8');
  const length = /^xmax = ([\d.]+)/m.exec(text)?.[1];
  if (length === undefined) throw new DataSetError(`${path} is not a Praat TextGrid.`);
  // Quotation marks in the text are doubled.
  const interval = /xmin = ([\d.]+)\s+xmax = ([\d.]+)\s+text = "((?:[^"]|"")*)"/g;
  const turns: SpeechTurn[] = [];
  for (const [, start, end, raw] of text.matchAll(interval)) {
    const words = readableText(raw ?? '');
    // Intervals between utterances have an empty text.
    if (words === '') continue;
    turns.push({ kind: 'speech', party, text: words, startMs: toMs(start), endMs: toMs(end) });
  }
  return { turns, durationMs: Math.ceil(Number(length) * 1000) };
}

function readableText(raw: string): string {
  return raw
    .replaceAll('""', '"')
    .replaceAll(/<UNIN\/>|<INAUDIBLE_SPEECH\/>/g, ` ${INAUDIBLE} `)
    .replaceAll(/<\/?UNSURE>/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/ ([.,?!])/g, '$1')
    .trim();
}

/** The text without marks; empty if it consists of marks only. */
export function withoutInaudible(text: string): string {
  const heard = text
    .replaceAll(INAUDIBLE, ' ')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/ ([.,?!])/g, '$1')
    .replaceAll(/[.,]+([.?!])/g, '$1')
    .replace(/^[\s.,]+/, '')
    .trim();
  return /\w/.test(heard) ? heard : '';
}

function toMs(seconds: string | undefined): number {
  return Math.round(Number(seconds) * 1000);
}
