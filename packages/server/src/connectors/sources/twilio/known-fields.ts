import { knownFields } from '../fields.ts';

// Of callbacks seen in public code. Others become warnings; headers of SIP calls have a prefix.

export const SIP_HEADER = /^SipHeader_/;

export const CALL_FIELDS = knownFields(`
  AccountSid AnsweredBy ApiVersion CallDuration CallSid CallStatus CallToken CallbackSource Called
  CalledCity CalledCountry CalledState CalledVia CalledZip Caller CallerCity CallerCountry CallerName
  CallerState CallerZip Direction Duration ErrorCode ErrorMessage ForwardedFrom From FromCity
  FromCountry FromState FromZip MachineDetectionDuration ParentCallSid QueueTime RecordingDuration
  RecordingSid RecordingUrl SequenceNumber SipCallId SipDomain SipDomainSid SipResponseCode
  SipSourceIp SipUsername StirPassportToken StirStatus StirVerstat Timestamp To ToCity ToCountry
  ToState ToZip`);

export const RECORDING_FIELDS = knownFields(`
  AccountSid ApiVersion CallSid ErrorCode RecordingChannels RecordingDuration RecordingSid
  RecordingSource RecordingStartTime RecordingStatus RecordingTrack RecordingUrl`);

export const TRANSCRIPT_FIELDS = knownFields(`
  CallSid account_sid call_sid channel customer_key data_logging date_created date_updated duration
  encryption_credential_sid event_type language_code links media_start_time meta redaction
  sentences service_sid sid status transcript transcript_sid url`);

export const SENTENCE_FIELDS = knownFields(`
  confidence date_created date_updated end_time media_channel sentence_index sid start_time
  transcript words`);
