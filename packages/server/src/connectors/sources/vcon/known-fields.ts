import { knownFields } from '../fields.ts';

// Of draft-ietf-vcon-vcon-core-04 and of the software that writes vCons. Other fields are new: the
// delivery keeps them, with a warning.

export const VCON_FIELDS = knownFields(`
  amended analysis attachments created_at critical dialog extensions group parties redacted subject
  updated_at uuid vcon`);

export const PARTY_FIELDS = knownFields(`
  civicaddress dept did email gmlpos id jCard mailto meta metadata name org role sip stir tel timezone
  type uuid validation`);

const FILE_FIELDS = 'body content_hash encoding filename mediatype meta metadata url';

export const DIALOG_FIELDS = knownFields(`
  ${FILE_FIELDS} application campaign consultation disposition duration interaction_id
  interaction_type message_id original originator parties party_history recording_set recordings
  session_id skill start target_dialog transfer_target transferee transferor type`);

export const ANALYSIS_FIELDS = knownFields(
  `${FILE_FIELDS} attachment created_at dialog product schema type vendor vendor_schema`,
);

export const ATTACHMENT_FIELDS = knownFields(`${FILE_FIELDS} dialog party purpose start`);

export const HISTORY_FIELDS = knownFields('button event party time');
