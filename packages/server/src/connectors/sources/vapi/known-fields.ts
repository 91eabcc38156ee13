import { knownFields } from '../fields.ts';

// From Vapi's OpenAPI document. Other fields are new: the delivery keeps them, with a warning.

export const MESSAGE_FIELDS = knownFields(`
  analysis artifact artifacts assistant assistantId assistantName assistantVersion call campaignId
  chat compliance contact cost costBreakdown costs customer destination detectedThreats endedAt
  endedMessage endedReason fromAssistant fromStepRecord inboundPhoneCallDebuggingArtifacts input
  isFiltered language messages messagesOpenAIFormatted originalTranscript output parameters
  phoneNumber request role sampleRate session source startedAt status summary text timestamp timing
  toAssistant toStepRecord toolCallList toolWithToolCallList transcript transcriptType turn turnId
  type`);

export const CALL_FIELDS = knownFields(`
  analysis artifact artifactPlan assistant assistantId assistantOverrides assistantVersion
  campaignId compliance cost costBreakdown costs createdAt customer customerId destination
  endedAt endedMessage endedReason id messages monitor name orgId phoneCallProvider
  phoneCallProviderDetails phoneCallProviderId phoneCallTransport phoneNumber phoneNumberId
  schedulePlan squad squadId squadOverrides startedAt status transport type updatedAt webCallUrl
  workflow workflowId workflowOverrides`);

export const ARTIFACT_FIELDS = knownFields(`
  assistantActivations logUrl messages messagesOpenAIFormatted nodes pcapUrl performanceMetrics
  presignedAssistantUrl presignedCustomerUrl presignedLogUrl presignedMonoUrl presignedPcapUrl
  presignedStereoUrl presignedUrlsExpiresAt presignedVideoUrl recording recordingUrl scorecards
  skippedStructuredOutputs stereoRecordingUrl structuredOutputs structuredOutputsLastUpdatedAt
  transcript transfers variables variableValues videoRecordingStartDelaySeconds
  videoRecordingUrl`);

export const ANALYSIS_FIELDS = knownFields(
  'structuredData structuredDataMulti successEvaluation summary',
);

export const ROW_FIELDS = knownFields(`
  assistantId assistantName detectedThreats duration endTime isFiltered message metadata name
  originalMessage result role secondsFromStart source speakerLabel time toolCallId toolCalls
  warnings`);

/** What they say before the end comes again in the report at the end. */
export const EVENT_TYPES = knownFields(`
  assistant-request assistant.speechStarted call.artifact.upload call.delete.failed call.deleted
  call.endpointing.request campaign.predial chat.created chat.deleted conversation-update
  end-of-call-report handoff-destination-request hang knowledge-base-request
  language-change-detected model-output phone-call-control session.created session.deleted
  session.updated speech-update status-update tool-calls transcript
  transcript[transcriptType="final"] transfer-destination-request transfer-update
  user-interrupted voice-input voice-request`);
