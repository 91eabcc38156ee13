import {
  type Fields,
  fieldsOf,
  filledOf,
  instantOf,
  listOf,
  textOf,
  type Warnings,
} from '../fields.ts';
import type { CallReport, ReportedAudio, ReportedLog } from '../source.ts';
import { EGRESS_FIELDS, FILE_FIELDS } from './known-fields.ts';

/** True if its files are final. */
const STATUSES: Readonly<Record<string, boolean>> = {
  EGRESS_STARTING: false,
  EGRESS_ACTIVE: false,
  EGRESS_ENDING: false,
  EGRESS_COMPLETE: true,
  EGRESS_LIMIT_REACHED: true,
  EGRESS_FAILED: true,
  EGRESS_ABORTED: true,
};
const FAILED = new Set(['EGRESS_FAILED', 'EGRESS_ABORTED']);

/** A recording says nothing about the state of the call. */
export function translateEgress(
  { egressInfo, createdAt }: Fields,
  warnings: Warnings,
): Partial<CallReport> {
  const egress = fieldsOf(egressInfo);
  warnings.unknownFields('egressInfo.', egress, EGRESS_FIELDS);
  const status = textOf(egress.status) ?? 'EGRESS_STARTING';
  if (!Object.hasOwn(STATUSES, status)) warnings.unknownValue('egressInfo.status', status);
  const audio = STATUSES[status] ? audioOf(egress, warnings) : [];
  return {
    order: instantOf(egress.updatedAt) ?? instantOf(createdAt) ?? 0,
    stage: 'Completed',
    logs: logsOf(egress, status, instantOf(createdAt)),
    audio,
    completeness:
      audio.length > 0 ? { Audio: 'Complete' } : FAILED.has(status) ? { Audio: 'Absent' } : {},
  };
}

function audioOf(egress: Fields, warnings: Warnings): ReportedAudio[] {
  const results = listOf(egress.fileResults);
  const files = results.length > 0 ? results : listOf([egress.file]);
  return files.flatMap((file) => {
    warnings.unknownFields('egressInfo.fileResults.', file, FILE_FIELDS);
    const url = textOf(file.location);
    if (url === null) return [];
    if (!/^https?:\/\//i.test(url)) {
      warnings.add('The location of a recording is not an HTTP address.');
      return [];
    }
    const startTime = instantOf(file.startedAt) ?? instantOf(egress.startedAt);
    return [{ url, of: speakerOf(egress, warnings), ...(startTime !== null && { startTime }) }];
  });
}

function speakerOf(egress: Fields, warnings: Warnings): ReportedAudio['of'] {
  const participantId = textOf(fieldsOf(egress.participant).identity);
  if (participantId !== null) return { participantId };
  if (fieldsOf(egress.roomComposite).audioMixing === 'DUAL_CHANNEL_AGENT') {
    return { channels: ['Agent', 'Client'] };
  }
  if ('track' in egress || 'trackComposite' in egress) {
    warnings.add('A recording of one track does not say of whom it is.');
  }
  return 'Mixed';
}

function logsOf(egress: Fields, status: string, at: number | null): ReportedLog[] {
  const error = textOf(egress.error) ?? (FAILED.has(status) ? 'The recording failed.' : null);
  if (error === null) return [];
  const details = filledOf({
    EgressId: textOf(egress.egressId),
    Status: status,
    ErrorCode: textOf(egress.errorCode),
    Details: textOf(egress.details),
  });
  return [{ level: 'Error', message: error, at, source: 'livekit', ...(details && { details }) }];
}
