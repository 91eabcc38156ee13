import Type from 'typebox';

/** With the other spellings that requests may use. */
export interface NameSet<Name extends string = string> {
  readonly title: string;
  readonly names: readonly Name[];
  readonly aliases: Readonly<Record<string, readonly Name[]>>;
}

function nameSet<const Name extends string>(
  title: string,
  names: readonly Name[],
  aliases: Readonly<Record<string, readonly Name[]>> = {},
): NameSet<Name> {
  return { title, names, aliases };
}

export const STATUS = nameSet(
  'Status',
  [
    'Created',
    'WaitingForPrimaryClient',
    'Starting',
    'Active',
    'Paused',
    'Ending',
    'Completed',
    'Failed',
  ],
  { Ended: ['Completed'], Error: ['Failed'] },
);
export const INITIATION_TYPE = nameSet('InitiationType', ['Inbound', 'Outbound', 'Web']);
/** A filter may also name all phone calls. */
export const INITIATION_TYPE_FILTER: NameSet<InitiationType> = {
  title: 'InitiationTypeFilter',
  names: INITIATION_TYPE.names,
  aliases: { Telephony: ['Inbound', 'Outbound'] },
};
export const END_TYPE = nameSet(
  'EndType',
  [
    'Normal',
    'UserEndedCall',
    'AgentEndedCall',
    'UserDeclinedOrBusy',
    'UserNoAnswer',
    'VoicemailDetected',
    'UserSilenceTimeoutReached',
    'MaxConversationDurationReached',
    'MidSessionFailure',
    'InitializeError',
    'ExpiredWaitingForInitialize',
    'Transferred',
    'Canceled',
  ],
  {
    InitalizeError: ['InitializeError'],
    ExpiredWaitingForInitalize: ['ExpiredWaitingForInitialize'],
  },
);
export const CLIENT_TYPE = nameSet('ClientType', ['Phone', 'Web', 'Observer', 'Unknown'], {
  Telephony: ['Phone'],
});
export const AGENT_TYPE = nameSet('AgentType', ['AI', 'Human', 'Unknown']);
export const ROLE = nameSet('Role', ['User', 'Agent', 'System', 'Tool'], { Client: ['User'] });
export const LEVEL = nameSet('Level', ['Trace', 'Debug', 'Info', 'Warning', 'Error', 'Critical'], {
  Information: ['Info'],
});

export const QUEUE_STATUS = nameSet(
  'QueueStatus',
  ['Queued', 'Processing', 'Completed', 'Failed', 'Canceled', 'Expired'],
  {
    ProcessingProxy: ['Processing'],
    ProcessedProxy: ['Processing'],
    ProcessingBackend: ['Processing'],
    ProcessedBackend: ['Completed'],
  },
);

type NameOf<S> = S extends NameSet<infer Name> ? Name : never;
export type Status = NameOf<typeof STATUS>;
export type InitiationType = NameOf<typeof INITIATION_TYPE>;
export type EndType = NameOf<typeof END_TYPE>;
export type ClientType = NameOf<typeof CLIENT_TYPE>;
export type AgentType = NameOf<typeof AGENT_TYPE>;
export type Role = NameOf<typeof ROLE>;
export type Level = NameOf<typeof LEVEL>;
export type QueueStatus = NameOf<typeof QUEUE_STATUS>;

export const FINAL_STATUSES: readonly Status[] = ['Completed', 'Failed'];

/** An unknown spelling is returned unchanged. */
export function canonicalNames<Name extends string>(set: NameSet<Name>, spelling: string): Name[] {
  return [...(set.aliases[spelling] ?? [spelling as Name])];
}

/** For sets whose aliases all mean one name. */
export function canonicalName<Name extends string>(set: NameSet<Name>, spelling: string): Name {
  return set.aliases[spelling]?.[0] ?? (spelling as Name);
}

/** Lower bounds in seconds. */
export const DURATION_CLASSES = [0, 10, 30, 60, 120, 300, 600, 1800] as const;

export const given = <Name extends string>(set: NameSet<Name>) =>
  Type.Enum([...set.names], { title: set.title });

/** Accepts every spelling of the set. */
export function taken(set: NameSet) {
  const aliases = Object.entries(set.aliases);
  if (aliases.length === 0) return given<string>(set);
  const title = set === INITIATION_TYPE_FILTER ? set.title : `${set.title}Input`;
  const meanings = aliases.map(
    ([alias, names]) => `\`${alias}\` means ${names.map((name) => `\`${name}\``).join(' or ')}`,
  );
  return Type.Enum([...set.names, ...Object.keys(set.aliases)], {
    title,
    description: meanings.join('; '),
  });
}

/** In the order of the documents. */
export const VALUE_SETS: readonly NameSet[] = [
  STATUS,
  INITIATION_TYPE,
  END_TYPE,
  CLIENT_TYPE,
  AGENT_TYPE,
  ROLE,
  LEVEL,
  QUEUE_STATUS,
];
