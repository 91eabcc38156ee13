import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '..');

/** A fenced block of a document. */
export interface Example {
  /** The document and the line of the block. */
  readonly place: string;
  readonly language: string;
  /** What follows the language: the operation whose body or output JSON is. */
  readonly subject: string;
  readonly text: string;
  /** Why it is not run, in a comment before the block; null: it is run. */
  readonly notRun: string | null;
}

export interface Document {
  /** From the root of the repository. */
  readonly path: string;
  readonly text: string;
  readonly examples: readonly Example[];
}

/** README.md and all pages of docs/ and docs/adr/. */
export function readDocuments(): Document[] {
  const pages = readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md'))
    .map((path) => join('docs', path))
    .sort();
  return ['README.md', ...pages].map((path) => {
    const text = readFileSync(join(ROOT, path), 'utf8');
    return { path, text, examples: examplesOf(path, text) };
  });
}

const BLOCK =
  /(?:<!-- (?:not run|not an API body): ([^>]+) -->\n\n)?^( *)```(\w*) ?([^\n]*)\n(.*?)^ *```$/gms;

function examplesOf(path: string, text: string): Example[] {
  return [...text.matchAll(BLOCK)].map((match) => {
    const [, notRun = null, indent = '', language = '', subject = '', body = ''] = match;
    const line = text.slice(0, match.index).split('\n').length;
    return {
      place: `${path}:${line}`,
      language,
      subject,
      notRun,
      text: body
        .split('\n')
        .map((one) => (one.startsWith(indent) ? one.slice(indent.length) : one))
        .join('\n'),
    };
  });
}
