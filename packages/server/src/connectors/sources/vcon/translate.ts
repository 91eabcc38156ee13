import { fieldsOf, filledOf, textOf, Warnings } from '../fields.ts';
import type {
  CallReport,
  Identify,
  ReportedAgent,
  ReportedClient,
  ReportedLog,
  ReportedMessage,
  Translate,
} from '../source.ts';
import { analysisOf, tagsOf } from './analysis.ts';
import {
  type Dialog,
  directionOf,
  dispositionOf,
  inOrder,
  isTransferred,
  readDialogs,
} from './dialogs.ts';
import { TRANSFER } from './end-reasons.ts';
import { VCON_FIELDS } from './known-fields.ts';
import { type OpenedVcon, readVcon } from './open.ts';
import { nameOf, type Party, phoneOf, readParties } from './parties.ts';
import { historyLogs, historyOf, type Presence, presenceOf } from './presence.ts';
import { audioOf } from './recordings.ts';
import { signatureOf } from './signing/trust.ts';
import { VERSIONS } from './syntax.ts';
import { type Reading, readMessages } from './transcripts/messages.ts';
import { vconInstantOf } from './values.ts';

/** A vCon has no kinds of events: each is the whole conversation. */
export const identifyVcon: Identify = ({ body }) => {
  const { vcon, jws } = readVcon(body);
  const eventType = jws === null ? 'vcon' : 'vcon.signed';
  return { callId: textOf(vcon.uuid), eventType, eventId: null };
};

export const translateVcon: Translate = ({ body, options }) => {
  const warnings = new Warnings();
  const opened = readVcon(body);
  const { vcon } = opened;
  warnings.unknownFields('', vcon, VCON_FIELDS);
  const version = textOf(vcon.vcon);
  if (version !== null && !VERSIONS.has(version)) warnings.unknownValue('vcon', version);
  const dialogs = readDialogs(vcon, warnings);
  const parties = readParties(vcon, dialogs, warnings);
  const createdAt = vconInstantOf(vcon.created_at, warnings);
  const first = inOrder(dialogs).find(({ start }) => start !== null);
  const startTime = first?.start ?? createdAt;
  const reading: Reading = { vcon, dialogs, parties, startTime, warnings };
  const messages = readMessages(reading);
  const audio = audioOf(reading);
  const analysis = analysisOf(vcon, warnings);
  const signature = signatureOf(opened, options, warnings);
  const history = historyOf(dialogs, warnings);
  const ends = [...dialogs.map(({ end }) => end), ...history.map(({ time }) => time)];
  return {
    stage: 'Completed',
    order: vconInstantOf(vcon.updated_at, warnings) ?? createdAt ?? 0,
    call: {
      hasEnded: true,
      startTime,
      endTime: endOf([...ends, ...messages.map(({ at, endedAt }) => endedAt ?? at)]),
      endReason: endReasonOf(dialogs),
      initiationType: initiationOf(dialogs, parties),
      metadata: metadataOf(opened, signature, warnings),
      ...(analysis && { analysis }),
    },
    ...participantsOf(reading, (party) => presenceOf(party, history, dialogs)),
    messages,
    logs: [...historyLogs(history, parties), ...incompleteLogs(dialogs)],
    audio,
    completeness: completenessOf(reading, messages, audio, analysis !== undefined),
    warnings: warnings.texts,
  };
};

function endOf(ends: readonly ReportedMessage['at'][]): number | null {
  const known = ends.filter((end) => typeof end === 'number');
  return known.length > 0 ? known.reduce((latest, end) => Math.max(latest, end)) : null;
}

const isContent = ({ type }: Dialog) =>
  type !== null && type !== 'transfer' && type !== 'incomplete';

/** Of calls of which some were completed, those that were not are no end. */
function endReasonOf(dialogs: readonly Dialog[]): string | null {
  const isTransfer = dialogs.some((one) => one.type === 'transfer' && isTransferred(one, dialogs));
  if (isTransfer) return TRANSFER;
  if (dialogs.some(isContent)) return null;
  const last = inOrder(dialogs).findLast(({ type }) => type === 'incomplete');
  return last ? (dispositionOf(last) ?? 'failed') : null;
}

function incompleteLogs(dialogs: readonly Dialog[]): ReportedLog[] {
  if (!dialogs.some(isContent)) return [];
  return dialogs
    .filter(({ type }) => type === 'incomplete')
    .map((dialog) => ({
      level: 'Info',
      message: 'A call of the conversation was not completed.',
      at: dialog.start,
      source: 'vcon',
      details: { Disposition: dispositionOf(dialog) },
    }));
}

function initiationOf(dialogs: readonly Dialog[], parties: readonly (Party | null)[]) {
  const originator = inOrder(dialogs).find((dialog) => dialog.originator !== null)?.originator;
  const caller = parties[originator ?? -1];
  return directionOf(dialogs) ?? (caller?.side === 'Agent' ? 'Outbound' : null);
}

function metadataOf({ vcon }: OpenedVcon, signature: object | null, warnings: Warnings) {
  const metadata = filledOf({
    Version: textOf(vcon.vcon),
    Subject: textOf(vcon.subject),
    Extensions: Array.isArray(vcon.extensions) ? vcon.extensions.map(textOf) : null,
    AmendedUuid: textOf(fieldsOf(vcon.amended).uuid),
    RedactedUuid: textOf(fieldsOf(vcon.redacted).uuid),
    RedactedType: textOf(fieldsOf(vcon.redacted).type),
    Tags: tagsOf(vcon, warnings),
    Signature: signature,
  });
  return metadata === null ? {} : { Vcon: metadata };
}

function participantsOf({ parties }: Reading, presence: (party: number) => Presence) {
  const known = parties.filter((party) => party !== null);
  const clients = known
    .filter(({ side }) => side === 'Client')
    .map(
      ({ id, index, fields, clientType }): ReportedClient => ({
        clientId: id,
        clientType,
        phoneNumber: phoneOf(fields),
        name: nameOf(fields),
        ...presence(index),
      }),
    );
  const agents = known
    .filter(({ side }) => side === 'Agent')
    .map(
      ({ id, index, fields, agentType }): ReportedAgent => ({
        agentId: id,
        agentType,
        name: nameOf(fields),
        ...presence(index),
      }),
    );
  return { clients, agents };
}

/** A later version of the vCon may have the transcript of its recordings. */
function completenessOf(
  { dialogs }: Reading,
  messages: readonly ReportedMessage[],
  audio: CallReport['audio'],
  isAnalyzed: boolean,
): CallReport['completeness'] {
  const hasRecordings = dialogs.some(({ type }) => type === 'recording');
  return {
    ...(messages.length > 0
      ? { Transcript: 'Complete' }
      : hasRecordings
        ? {}
        : { Transcript: 'Absent' }),
    ...(audio.length > 0 ? { Audio: 'Complete' } : hasRecordings ? {} : { Audio: 'Absent' }),
    ...(isAnalyzed && { Analysis: 'Complete' }),
  };
}
