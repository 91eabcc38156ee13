import type { TextRange } from '../../redaction/detection/found.ts';
import { detectAcross } from '../../redaction/detection/joined-texts.ts';
import { hasNumberWords, NUMBER_WORDS } from '../../redaction/detection/spoken.ts';
import type { Message } from '../model/conversation.ts';

interface Part {
  readonly message: number;
  readonly offset: number;
  readonly text: string;
}

interface Chain {
  parts: Part[];
  length: number;
  endedAt: number;
  messages: number;
  longMessages: number;
}

type Category = 'CARD' | 'IBAN';
export type FoundPiece = (piece: TextRange<Category> & { readonly message: number }) => void;

const MAX_GAP_MILLISECONDS = 60_000;
const MAX_BETWEEN = 4;
const MAX_SHORT = 60;
/** Only the ends of a longer message may be parts of a number. */
const MAX_PART = 1000;
const EDGE = 500;
const MAX_CHAIN = 8000;
const MAX_KEPT_CHARACTERS = 2000;
const ANY_DIGIT = /\p{Nd}/u;

/** Finds numbers that a participant says in several messages, with only short ones in between. */
export class SplitNumbers {
  readonly #chains = new Map<string, Chain>();
  readonly #found: FoundPiece;
  #messages = 0;
  #longMessages = 0;

  constructor(found: FoundPiece) {
    this.#found = found;
  }

  add(message: number, { senderId, content, at, endedAt }: Message): void {
    if (content === '') return;
    const known = this.#chains.get(senderId);
    const isLong = content.length > MAX_SHORT;
    const hasDigits = ANY_DIGIT.test(content) || hasNumberWords(content);
    const isContinued =
      known !== undefined &&
      at - known.endedAt <= MAX_GAP_MILLISECONDS &&
      this.#messages - known.messages <= MAX_BETWEEN &&
      this.#longMessages === known.longMessages;
    this.#messages += 1;
    if (known && (!isContinued || (isLong && !hasDigits))) this.#end(senderId, known);
    if (hasDigits || (isContinued && !isLong)) {
      this.#append(senderId, { message, offset: 0, text: content }, Math.max(at, endedAt ?? at));
    }
    if (isLong) this.#longMessages += 1;
    // Long messages of the participant itself do not interrupt the chain.
    const chain = this.#chains.get(senderId);
    if (chain && isLong && hasDigits) chain.longMessages = this.#longMessages;
  }

  finish(): void {
    for (const [senderId, chain] of this.#chains) this.#end(senderId, chain);
  }

  #append(senderId: string, part: Part, endedAt: number): void {
    const { text, message } = part;
    const added = { parts: [], length: 0, endedAt, messages: 0, longMessages: 0 };
    const chain: Chain = this.#chains.get(senderId) ?? added;
    this.#chains.set(senderId, chain);
    if (text.length > MAX_PART) {
      search([...chain.parts, { ...part, text: text.slice(0, EDGE) }], this.#found);
      const offset = text.length - EDGE;
      chain.parts = [{ message, offset, text: text.slice(offset) }];
      chain.length = EDGE;
    } else {
      chain.parts.push(part);
      chain.length += text.length;
    }
    if (chain.length > MAX_CHAIN) {
      search(chain.parts, this.#found);
      while (chain.length > MAX_KEPT_CHARACTERS)
        chain.length -= chain.parts.shift()?.text.length ?? 0;
    }
    chain.endedAt = endedAt;
    chain.messages = this.#messages;
    chain.longMessages = this.#longMessages;
  }

  #end(senderId: string, chain: Chain): void {
    search(chain.parts, this.#found);
    this.#chains.delete(senderId);
  }
}

const MAX_WORDS = 30;

function search(parts: readonly Part[], found: FoundPiece): void {
  if (parts.length < 2) return;
  const take = (places: readonly Part[], categories: readonly Category[]) => {
    const texts = places.map(({ text }) => text);
    for (const { text, start, end, category } of detectAcross(texts, '\n', categories)) {
      const place = places[text];
      if (!place || (category !== 'CARD' && category !== 'IBAN')) continue;
      const { message, offset } = place;
      found({ message, start: offset + start, end: offset + end, category });
    }
  };
  take(parts, ['CARD', 'IBAN']);
  const trimmed = parts.map((part, at) => trim(part, at > 0, at < parts.length - 1));
  take(trimmed, ['CARD']);
}

function trim(part: Part, atStart: boolean, atEnd: boolean): Part {
  const numbers = [...part.text.matchAll(NUMBER)];
  const [first, last] = [numbers[0], numbers.at(-1)];
  if (!first || !last) return part.text.length > MAX_SHORT ? part : { ...part, text: '' };
  const start = atStart && first.index <= MAX_WORDS ? first.index : 0;
  const lastEnd = last.index + last[0].length;
  const { length } = part.text;
  const end = atEnd && length - lastEnd <= MAX_WORDS ? lastEnd : length;
  return { ...part, offset: part.offset + start, text: part.text.slice(start, end) };
}

const NUMBER = new RegExp(`\\p{Nd}+|\\b(?:${NUMBER_WORDS})\\b`, 'giu');
