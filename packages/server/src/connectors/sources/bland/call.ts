import {
  type Fields,
  fieldsOf,
  filledOf,
  instantOf,
  jsonOrText,
  listOf,
  numberOf,
  textOf,
  type Warnings,
} from '../fields.ts';
import type {
  Moment,
  ReportedAgent,
  ReportedAudio,
  ReportedCall,
  ReportedClient,
  ReportedLog,
  Stage,
} from '../source.ts';

const AGENT = 'bland';

interface State {
  readonly stage: Stage;
  readonly hasEnded: boolean;
  readonly state: Pick<ReportedCall, 'status' | 'hasEnded'>;
}

const announced: State = { stage: 'Announced', hasEnded: false, state: { status: 'Created' } };
const started: State = { stage: 'Started', hasEnded: false, state: { status: 'Active' } };
const ended: State = { stage: 'Completed', hasEnded: true, state: { hasEnded: true } };

/** The samples have `complete` and `completed`. */
const STATES: ReadonlyMap<string, State> = new Map([
  ['new', announced],
  ['queued', announced],
  ['allocated', announced],
  ['started', started],
  ['in-progress', started],
  ['in_progress', started],
  ['complete', ended],
  ['completed', ended],
  ['pre_queue_error', ended],
  ['queue_error', ended],
  ['call_error', ended],
  ['complete_error', ended],
  ['no-answer', ended],
  ['busy', ended],
  ['failed', ended],
  ['canceled', ended],
  ['cancelled', ended],
]);

/** `completed` is more recent than the two words. */
export function stateOf(call: Fields, warnings: Warnings): State {
  const states = [call.queue_status, call.status].flatMap((value) => {
    const word = textOf(value);
    const state = STATES.get(word ?? '');
    if (word !== null && !state) warnings.unknownValue('status', word);
    return state ? [state] : [];
  });
  if (textOf(call.completed) === 'true' || states.includes(ended)) return ended;
  return states.includes(started) ? started : announced;
}

/**
 * `corrected_duration` is in seconds, `call_length` in minutes. `end_at` is not used: it is when the
 * call would have been cut off.
 */
export function timesOf(call: Fields): {
  readonly startTime: number | null;
  readonly endTime: Moment;
} {
  const seconds = numberOf(call.corrected_duration);
  const minutes = numberOf(call.call_length);
  const duration = seconds || (minutes === null ? seconds : minutes * 60);
  return {
    startTime: instantOf(call.started_at) ?? instantOf(call.created_at),
    endTime: duration === null ? null : { sinceStart: Math.round(duration * 1000) },
  };
}

const ANSWERERS: readonly (string | null)[] = ['human', 'voicemail', 'unknown', 'no-answer', null];

export function warnAboutEnd(call: Fields, warnings: Warnings): void {
  if (instantOf(call.started_at) === null && instantOf(call.created_at) !== null) {
    warnings.add('The field started_at is missing; created_at counts.');
  }
  if (!ANSWERERS.includes(textOf(call.answered_by))) {
    warnings.unknownValue('answered_by', call.answered_by);
  }
}

const FAILED_WORD = /_error$|^(?:failed|busy|no-answer|cancell?ed)$/;

export function endReasonOf(call: Fields): string | null {
  const answeredBy = textOf(call.answered_by);
  if (textOf(call.transferred_to) !== null) return 'transferred_to';
  if (answeredBy === 'voicemail' || answeredBy === 'no-answer') return answeredBy;
  const words = [textOf(call.queue_status), textOf(call.status)];
  const failure = words.find((word) => word !== null && FAILED_WORD.test(word));
  if (failure) return failure;
  if (textOf(call.error_message) !== null) return 'error_message';
  return textOf(call.call_ended_by);
}

/** Settings of the call are repeated in `request_data`, which may be JSON in a text. */
const requestOf = (call: Fields) => fieldsOf(jsonOrText(call.request_data));
const dataOf = (call: Fields) => fieldsOf(jsonOrText(call.metadata));

export function callOf(call: Fields, warnings: Warnings): ReportedCall {
  const isInbound = inboundOf(call);
  if (isInbound === null) warnings.add('The field inbound is missing.');
  const request = requestOf(call);
  const { queue_id, queueId } = dataOf(call);
  const metadata = filledOf({
    BatchId: textOf(call.batch_id),
    PathwayId: textOf(call.pathway_id) ?? textOf(request.pathway_id),
    PersonaId: textOf(call.persona_id) ?? textOf(request.persona_id),
    AnsweredBy: textOf(call.answered_by),
    DispositionTag: textOf(call.disposition_tag),
    Metadata: dataOf(call),
  });
  const analysis = analysisOf(call);
  const amount = numberOf(call.price);
  return {
    queueId: textOf(queue_id) ?? textOf(queueId) ?? textOf(call.batch_id),
    initiationType: isInbound === null ? null : isInbound ? 'Inbound' : 'Outbound',
    ...(metadata && { metadata: { Bland: metadata } }),
    ...(analysis && { analysis }),
    ...(amount !== null && { cost: { amount, currency: 'USD', parts: {} } }),
  };
}

function inboundOf({ inbound }: Fields): boolean | null {
  const text = textOf(inbound);
  return text === 'true' ? true : text === 'false' ? false : null;
}

export function analysisOf(call: Fields): ReportedCall['analysis'] {
  const structured = filledOf(fieldsOf(jsonOrText(call.analysis)));
  const summary = textOf(call.summary);
  return summary === null && structured === null ? undefined : { summary, structured };
}

/** Without a direction, nothing says which of the two numbers is the person's. */
export function clientOf(call: Fields): ReportedClient {
  const isInbound = inboundOf(call);
  const number = isInbound === null ? null : textOf(isInbound ? call.from : call.to);
  return { clientId: number, clientType: 'Phone', phoneNumber: number };
}

export function agentsOf(call: Fields): ReportedAgent[] {
  const request = requestOf(call);
  const ids = [call.pathway_id, request.pathway_id, call.persona_id, request.persona_id];
  const agentId = ids.map(textOf).find((id) => id !== null) ?? AGENT;
  const target = textOf(call.transferred_to);
  const joinedAt = instantOf(call.transferred_at);
  return [
    { agentId, agentType: 'AI' },
    ...(target === null ? [] : [{ agentId: target, agentType: 'Human' as const, joinedAt }]),
  ];
}

export function audioOf(call: Fields): ReportedAudio[] {
  const url = textOf(call.recording_url);
  return url === null ? [] : [{ url, of: 'Mixed' }];
}

export function logsOf(call: Fields, endTime: Moment): ReportedLog[] {
  const error = textOf(call.error_message);
  const steps = listOf(jsonOrText(call.pathway_logs)).map(
    (step): ReportedLog => ({
      level: 'Info',
      message: 'Step of the pathway',
      at: instantOf(step.created_at),
      source: 'bland',
      details: step,
    }),
  );
  return [
    ...steps,
    ...(error === null
      ? []
      : [{ level: 'Error' as const, message: error, at: endTime, source: 'bland' }]),
  ];
}
