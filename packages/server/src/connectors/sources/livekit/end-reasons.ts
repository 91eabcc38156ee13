import type { EndReasons } from '../source.ts';

export const LIVEKIT_END_REASONS: EndReasons = [
  // `DisconnectReason` of livekit_models.proto, of the client.
  ['CLIENT_INITIATED', 'UserEndedCall'],
  ['USER_UNAVAILABLE', 'UserNoAnswer'],
  ['USER_REJECTED', 'UserDeclinedOrBusy'],
  ['SIP_TRUNK_FAILURE', 'InitializeError'],
  ['JOIN_FAILURE', 'InitializeError'],
  ['PARTICIPANT_REMOVED', 'AgentEndedCall'],
  ['ROOM_DELETED', 'AgentEndedCall'],
  ['ROOM_CLOSED', 'Normal'],
  ['SERVER_SHUTDOWN', 'MidSessionFailure'],
  ['STATE_MISMATCH', 'MidSessionFailure'],
  ['SIGNAL_CLOSE', 'MidSessionFailure'],
  ['CONNECTION_TIMEOUT', 'MidSessionFailure'],
  ['MEDIA_FAILURE', 'MidSessionFailure'],
  ['AGENT_ERROR', 'MidSessionFailure'],
  // `CloseReason` of the agents' session.
  ['participant_disconnected', 'UserEndedCall'],
  ['user_initiated', 'AgentEndedCall'],
  ['task_completed', 'Normal'],
  ['job_shutdown', 'Normal'],
  ['error', 'MidSessionFailure'],
];
