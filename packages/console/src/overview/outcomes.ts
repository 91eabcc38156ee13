import type { EndType } from '../conversations/facts.ts';

interface Outcome {
  readonly label: string;
  readonly colour: string;
  readonly endTypes: readonly EndType[];
}

export const ENDED_NORMALLY: Outcome = {
  label: 'Ended normally',
  colour: '--color-accent',
  endTypes: ['Normal', 'UserEndedCall', 'AgentEndedCall', 'Transferred'],
};

export const FAILED: Outcome = {
  label: 'Failed',
  colour: '--color-bad',
  endTypes: ['MidSessionFailure', 'InitializeError', 'ExpiredWaitingForInitialize'],
};

export const OUTCOMES: readonly Outcome[] = [
  ENDED_NORMALLY,
  {
    label: 'Nobody reached',
    colour: '--color-info',
    endTypes: ['UserNoAnswer', 'UserDeclinedOrBusy', 'VoicemailDetected', 'Canceled'],
  },
  {
    label: 'Timed out',
    colour: '--color-warn',
    endTypes: ['UserSilenceTimeoutReached', 'MaxConversationDurationReached'],
  },
  FAILED,
];

export const countOutcome = (
  {
    EndTypes,
  }: { readonly EndTypes: readonly { readonly EndType: string; readonly Count: number }[] },
  { endTypes }: Outcome,
): number =>
  EndTypes.filter(({ EndType }) => endTypes.some((one) => one === EndType)).reduce(
    (sum, { Count }) => sum + Count,
    0,
  );
