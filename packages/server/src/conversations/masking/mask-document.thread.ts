import { moved } from '../../kernel/threads/moved.ts';
import { bytesOf, type TextBytes, textOf } from '../../kernel/threads/text-bytes.ts';
import { parseSpans, type TextSpans } from '../../redaction/spans.ts';
import { tokenMaker } from '../../redaction/text/tokens.ts';
import { conversationOf } from '../from-wire.ts';
import { renderLogs, renderMessages } from '../model/document.ts';
import { findAllSpans } from './find-spans.ts';
import { maskLogs, maskMessages } from './mask-transcript.ts';

export interface MaskInput {
  readonly head: string;
  readonly messages: TextBytes;
  readonly logs: TextBytes;
  /** null: search first. */
  readonly found: {
    readonly head: string;
    readonly messages: TextBytes;
    readonly logs: TextBytes;
  } | null;
  readonly added: string;
  readonly categories: readonly string[];
  readonly country: string | null;
  /** A derived key, not the secret itself. */
  readonly tokenKey: string;
  readonly businessId: number;
}

export interface MaskOutput {
  readonly messages: TextBytes;
  readonly logs: TextBytes;
  readonly headSpans: readonly TextSpans[];
}

export default function maskInThread(input: MaskInput): MaskOutput {
  const { head, categories, tokenKey, businessId } = input;
  const conversation = conversationOf({
    head,
    messages: textOf(input.messages),
    logs: textOf(input.logs),
  });
  const spans = parseSpans({
    found: input.found && {
      head: input.found.head,
      messages: textOf(input.found.messages),
      logs: textOf(input.found.logs),
    },
    added: input.added,
  });
  const found = spans.found ?? findAllSpans(conversation, input.country);
  const masking = {
    categories: new Set(categories),
    tokenOf: tokenMaker(tokenKey, businessId),
  };
  const messages = maskMessages(conversation.messages, found.messages, spans.added, masking);
  const output = {
    messages: bytesOf(renderMessages(messages)),
    logs: bytesOf(renderLogs(maskLogs(conversation.logs, found.logs, masking))),
    headSpans: found.head,
  };
  return moved(output, [output.messages, output.logs]);
}
