import { type Fields, fieldsOf, isEmpty, textOf, type Warnings } from '../fields.ts';
import type { ReportedAnalysis } from '../source.ts';
import { ANALYSIS_FIELDS, ATTACHMENT_FIELDS } from './known-fields.ts';
import { isTranscript } from './transcripts/messages.ts';
import { bodyOf, firstText } from './values.ts';

/** Kept by these names. Speech that a machine spoke (`tts`) is audio. */
const STRUCTURED: ReadonlySet<string> = new Set(['report', 'sentiment', 'translation']);
const KNOWN_PURPOSES: ReadonlySet<string> = new Set(['tags', 'lawful_basis']);

/** The last one of a type counts. */
export function analysisOf(vcon: Fields, warnings: Warnings): ReportedAnalysis | undefined {
  let summary: string | null = null;
  const structured: Record<string, unknown> = {};
  for (const entry of entriesOf(vcon.analysis)) {
    warnings.unknownFields('analysis.', entry, ANALYSIS_FIELDS);
    const type = textOf(entry.type);
    if (isEmpty(entry) || type === 'tts' || isTranscript(entry)) continue;
    const isKept = type !== null && STRUCTURED.has(type);
    if (type !== 'summary' && !isKept) {
      warnings.unknownValue('analysis.type', entry.type);
      continue;
    }
    const body = bodyOf(entry, warnings);
    if (body === null) warnings.add('The content of an analysis is in another file or missing.');
    else if (isKept) structured[type] = body;
    else summary = summaryIn(body) ?? summary;
  }
  if (summary === null && isEmpty(structured)) return undefined;
  return { summary, structured: isEmpty(structured) ? null : structured };
}

const summaryIn = (body: unknown) =>
  textOf(body) ?? firstText(fieldsOf(body), ['summary', 'text', 'content', 'body']);

const entriesOf = (value: unknown) => (Array.isArray(value) ? value.map(fieldsOf) : []);

/** From the attachment that software uses for tags: a list such as `topic:price`, or an object. */
export function tagsOf(vcon: Fields, warnings: Warnings): Fields | null {
  const tags: Record<string, unknown> = {};
  for (const attachment of entriesOf(vcon.attachments)) {
    warnings.unknownFields('attachments.', attachment, ATTACHMENT_FIELDS);
    const purpose = textOf(attachment.purpose) ?? '';
    if (isEmpty(attachment)) continue;
    if (!KNOWN_PURPOSES.has(purpose)) {
      if (purpose === '') warnings.add('An attachment has no purpose and was left out.');
      else warnings.unknownValue('attachments.purpose', purpose);
    }
    if (purpose === 'tags') addTags(tags, bodyOf(attachment, warnings));
  }
  return isEmpty(tags) ? null : tags;
}

function addTags(tags: Record<string, unknown>, body: unknown): void {
  if (!Array.isArray(body)) {
    Object.assign(tags, fieldsOf(body));
    return;
  }
  for (const text of body.map(textOf)) {
    const [, name, value] = /^([^:]+):(.*)$/s.exec(text ?? '') ?? [];
    if (name !== undefined) tags[name] = value;
  }
}
