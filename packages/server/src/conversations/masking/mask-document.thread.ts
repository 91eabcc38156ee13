import { moved } from '../../kernel/threads/moved.ts';
import { bytesOf, textOf } from '../../kernel/threads/text-bytes.ts';
import { parseSpans } from '../../redaction/spans.ts';
import { tokenMaker } from '../../redaction/text/tokens.ts';
import { conversationOf } from '../from-wire.ts';
import { renderLogs, renderMessages, type TranscriptBytes } from '../model/document.ts';
import { findAllSpans } from './find-spans.ts';
import { maskLogs, maskMessages } from './mask-transcript.ts';

interface MaskTexts extends TranscriptBytes {
  readonly head: string;
}

export interface MaskInput extends MaskTexts {
  /** null: search first. */
  readonly found: MaskTexts | null;
  readonly added: string;
  readonly categories: readonly string[];
  readonly country: string | null;
  /** A derived key, not the secret itself. */
  readonly tokenKey: string;
  readonly businessId: number;
}

function textsOf({ head, messages, logs }: MaskTexts) {
  return { head, messages: textOf(messages), logs: textOf(logs) };
}

export default function maskInThread(input: MaskInput) {
  const { categories, tokenKey, businessId } = input;
  const conversation = conversationOf(textsOf(input));
  const spans = parseSpans({ found: input.found && textsOf(input.found), added: input.added });
  const found = spans.found ?? findAllSpans(conversation, input.country);
  const masking = { categories: new Set(categories), tokenOf: tokenMaker(tokenKey, businessId) };
  const messages = maskMessages(conversation.messages, found.messages, spans.added, masking);
  const output = {
    messages: bytesOf(renderMessages(messages)),
    logs: bytesOf(renderLogs(maskLogs(conversation.logs, found.logs, masking))),
    headSpans: found.head,
  };
  return moved(output, [output.messages, output.logs]);
}
