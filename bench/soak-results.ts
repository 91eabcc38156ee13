import { readFile, writeFile } from 'node:fs/promises';
import { alignTable } from './table.ts';

export interface SoakResult {
  readonly name: string;
  readonly figures: string;
  readonly minutes: number;
}

const RESULTS = new URL('RESULTS.md', import.meta.url);
const HEADING = '## Soak';
const COLUMNS = ['proof', 'shown', 'minutes', 'date'];

/** The section of the results that proofs write; empty if no proof has run. */
export async function readSoakSection(): Promise<string> {
  const text = await readFile(RESULTS, 'utf8');
  const at = text.indexOf(HEADING);
  return at < 0 ? '' : text.slice(at).trim();
}

/** Replaces the row of a proof in `RESULTS.md` and keeps the others. */
export async function writeSoakResult({ name, figures, minutes }: SoakResult): Promise<void> {
  const text = await readFile(RESULTS, 'utf8');
  const section = await readSoakSection();
  const rows = section
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2)
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    )
    .filter(([proof]) => proof !== name);
  const date = new Date().toISOString().slice(0, 10);
  rows.push([name, figures, minutes.toFixed(1), date]);
  rows.sort(([a = ''], [b = '']) => a.localeCompare(b));
  const rest = section === '' ? text.trim() : text.slice(0, text.indexOf(HEADING)).trim();
  const note = '`npm run soak -- <proof> --write-results`';
  await writeFile(
    RESULTS,
    `${[rest, HEADING, note, alignTable([COLUMNS, ...rows])].join('\n\n')}\n`,
  );
}
