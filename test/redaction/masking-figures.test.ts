import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { findAllSpans } from '../../packages/server/src/conversations/masking/find-spans.ts';
import type { Conversation } from '../../packages/server/src/conversations/model/conversation.ts';
import { apart } from '../../packages/server/src/redaction/detection/detect.ts';
import { contentSpans } from '../../packages/server/src/redaction/spans.ts';

interface Item {
  readonly category: string;
  readonly style: string;
  readonly country?: string;
  readonly messages: readonly (readonly [sender: string, seconds: number, text: string])[];
}

interface Label {
  readonly message: number;
  readonly start: number;
  readonly end: number;
  readonly category: string;
}

const START = Date.parse('2026-01-15T14:30:00Z');
const MARK = /\{\{(CARD|IBAN|EMAIL|PHONE):(.*?)\}\}/gs;
const FOUND = ['CARD', 'IBAN', 'EMAIL', 'PHONE'];

function parseItem({ messages }: Item): { conversation: Conversation; labels: Label[] } {
  const labels: Label[] = [];
  const plain = messages.map(([sender, seconds, marked], message) => {
    let text = '';
    let done = 0;
    for (const { 0: whole, 1: category = '', 2: value = '', index } of marked.matchAll(MARK)) {
      text += marked.slice(done, index);
      labels.push({ message, start: text.length, end: text.length + value.length, category });
      text += value;
      done = index + whole.length;
    }
    const content = text + marked.slice(done);
    return { senderId: sender, role: 'User', content, at: START + seconds * 1000 } as const;
  });
  const header = { id: 'x', queueId: null, status: 'Completed', startTime: START } as const;
  const more = { endTime: START, endType: 'Normal', initiationType: 'Inbound' } as const;
  const rest = { clients: [], agents: [], metadata: {}, messages: plain, logs: [] };
  return { conversation: { ...header, ...more, ...rest }, labels };
}

const ALPHANUMERIC = /[\p{L}\p{N}]/u;

function score(file: string) {
  const url = new URL(`../fixtures/masking/${file}`, import.meta.url);
  const items = readFileSync(url, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Item);
  const counts = new Map(
    FOUND.map((category) => [category, { labels: 0, covered: 0, found: 0, right: 0 }]),
  );
  const mistakes: string[] = [];
  for (const item of items) {
    const { conversation, labels } = parseItem(item);
    const spans = contentSpans(findAllSpans(conversation, item.country ?? null));
    const found = conversation.messages.flatMap((_, message) =>
      apart(spans.filter((span) => span.message === message)).map((span) => ({ message, ...span })),
    );
    const isAlphanumeric = ({ message }: { message: number }, start: number, end: number) =>
      ALPHANUMERIC.test(conversation.messages[message]?.content.slice(start, end) ?? '');
    const before = mistakes.length;
    for (const label of labels) {
      const { message, start, end, category } = label;
      const cover = found.find(
        (span) =>
          span.message === message &&
          span.category === category &&
          span.start < end &&
          start < span.end,
      );
      const isCovered =
        cover &&
        !isAlphanumeric(label, start, cover.start) &&
        !isAlphanumeric(label, cover.end, end);
      const count = counts.get(category);
      if (count) count.labels += 1;
      if (count && isCovered) count.covered += 1;
      if (!isCovered) mistakes.push(`missed  ${JSON.stringify(item)}`);
    }
    for (const span of found) {
      const isRight = labels.some(
        ({ message, start, end, category }) =>
          span.message === message &&
          span.category === category &&
          span.start < end &&
          start < span.end &&
          !isAlphanumeric(span, span.start, start) &&
          !isAlphanumeric(span, end, span.end),
      );
      const count = counts.get(span.category);
      if (count) count.found += 1;
      if (count && isRight) count.right += 1;
      if (!isRight && mistakes.length === before) {
        mistakes.push(`too much ${JSON.stringify({ span, item })}`);
      }
    }
  }
  const figures = [...counts].map(([category, { labels, covered, found, right }]) => ({
    category,
    labels,
    recall: covered / labels,
    precision: found === 0 ? 1 : right / found,
  }));
  return { items: items.length, figures, mistakes };
}

test.each(['labelled.jsonl', 'held-out.jsonl'])(
  'detection reaches a recall and a precision of 0.95 in each category of %s',
  (file) => {
    const { items, figures, mistakes } = score(file);
    console.log(`${file}: ${items} items`);
    console.table(figures);
    if (process.env.SHOW_MISTAKES) console.log(mistakes.join('\n'));
    for (const { category, recall, precision } of figures) {
      expect.soft({ category, recall }).toSatisfy(() => recall >= 0.95);
      expect.soft({ category, precision }).toSatisfy(() => precision >= 0.95);
    }
  },
);
