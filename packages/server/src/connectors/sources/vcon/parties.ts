import { type AgentType, type ClientType, MAX_PARTICIPANTS } from '@colloquy/wire';
import { type Fields, fieldsOf, knownFields, textOf, type Warnings } from '../fields.ts';
import { type Dialog, directionOf, inOrder } from './dialogs.ts';
import { PARTY_FIELDS } from './known-fields.ts';
import { firstText, indicesOf, metaOf } from './values.ts';

export type Side = 'Client' | 'Agent';

export interface Party {
  readonly index: number;
  readonly side: Side;
  /** The id of the client or agent. */
  readonly id: string;
  readonly fields: Fields;
  readonly clientType: ClientType;
  readonly agentType: AgentType;
}

const AI_ROLES = knownFields('ai bot assistant ivr virtual_agent voicebot');
const AGENT_ROLES = knownFields(`
  advisor agent employee host moderator operator rep representative sales sme staff
  supervisor support thirdparty`);
const CLIENT_ROLES = knownFields(`
  attendee caller client consumer contact customer guest lead member participant patient prospect user
  visitor`);

const wordOf = (text: string) =>
  text
    .trim()
    .toLowerCase()
    .replace(/[\s-]+/g, '_');

/** Null for a word that says neither. */
export function sideOfRole(role: string): Side | null {
  const word = wordOf(role);
  if (AI_ROLES.has(word) || AGENT_ROLES.has(word)) return 'Agent';
  return CLIENT_ROLES.has(word) ? 'Client' : null;
}

/** By their places, which dialogs refer to; null for an organization that took no part. */
export function readParties(
  vcon: Fields,
  dialogs: readonly Dialog[],
  warnings: Warnings,
): readonly (Party | null)[] {
  const given: readonly unknown[] = Array.isArray(vcon.parties) ? vcon.parties : [];
  const entries = given.slice(0, MAX_PARTICIPANTS).map(fieldsOf);
  if (given.length > MAX_PARTICIPANTS)
    warnings.add(`Only ${MAX_PARTICIPANTS} parties were taken in.`);
  const active = new Set(dialogs.flatMap(({ parties }) => parties));
  const known = entries.map((fields) => knownSideOf(fields, warnings));
  for (const { fields } of dialogs.filter(({ type }) => type === 'transfer')) {
    for (const index of indicesOf([fields.transferor, fields.transfer_target])) {
      if (index < known.length) known[index] ??= 'Agent';
    }
  }
  const originator = inOrder(dialogs).find((dialog) => dialog.originator !== null)?.originator ?? 0;
  const caller: Side = directionOf(dialogs) === 'Outbound' ? 'Agent' : 'Client';
  const taken = new Set<string>();
  return entries.map((fields, index) => {
    warnings.unknownFields('parties.', fields, PARTY_FIELDS);
    if (fields.type === 'organization' && !active.has(index)) return null;
    const side = known[index] ?? guessSide(known, index === originator ? caller : opposite(caller));
    const id = idOf(fields, side);
    const free = id === null || taken.has(id) ? `party_${index}` : id;
    taken.add(free);
    return { index, side, id: free, fields, ...typesOf(fields) };
  });
}

const opposite = (side: Side): Side => (side === 'Client' ? 'Agent' : 'Client');

function roleOf(fields: Fields): string | null {
  const role = textOf(fields.role) ?? textOf(metaOf(fields).role);
  return role === null || role.trim() === '' ? null : role;
}

function knownSideOf(fields: Fields, warnings: Warnings): Side | null {
  const role = roleOf(fields);
  const side = role === null ? null : sideOfRole(role);
  if (role !== null && side === null) warnings.unknownValue('role', role);
  if (!['person', 'bot', 'organization', undefined, null, ''].includes(fields.type as string)) {
    warnings.unknownValue('parties.type', fields.type);
  }
  return side ?? (fields.type === 'bot' ? 'Agent' : null);
}

/** If roles name only one side, the others are on the other one; else the caller is the client. */
function guessSide(known: readonly (Side | null)[], byCall: Side): Side {
  const [hasClient, hasAgent] = [known.includes('Client'), known.includes('Agent')];
  if (hasClient !== hasAgent) return hasClient ? 'Agent' : 'Client';
  return hasClient ? 'Client' : byCall;
}

/** Names are not unique, so they are no ids. */
function idOf(fields: Fields, side: Side): string | null {
  const ids = [
    phoneOf(fields)?.replace(/[\s().-]/g, '') ?? null,
    firstText(fields, ['sip']),
    mailOf(fields),
    firstText(fields, ['did']),
  ];
  const uuid = firstText(fields, ['uuid']);
  // The uuid of an agent is the same in all its calls, while its telephone may change.
  const ordered = side === 'Agent' ? [uuid, ...ids] : [...ids, uuid];
  return ordered.find((id) => id !== null && id !== '') ?? null;
}

/** Without the scheme and the parameters of a tel URL. */
export const phoneOf = (fields: Fields): string | null =>
  firstText(fields, ['tel'])?.trim().replace(/^tel:/i, '').replace(/;.*$/, '') || null;

/** Some software writes `email`. */
export const mailOf = (fields: Fields): string | null =>
  firstText(fields, ['mailto', 'email'])
    ?.trim()
    .replace(/^mailto:/i, '')
    .replace(/\?.*$/, '') || null;

/** The standard's name of a person who stays unknown. */
export function nameOf(fields: Fields): string | null {
  const name = firstText(fields, ['name']);
  return name?.toLowerCase() === 'anonymous' ? null : name;
}

function typesOf(fields: Fields): { clientType: ClientType; agentType: AgentType } {
  const role = wordOf(roleOf(fields) ?? '');
  const isPhone = phoneOf(fields) !== null || firstText(fields, ['sip']) !== null;
  return {
    clientType: isPhone ? 'Phone' : 'Unknown',
    agentType:
      fields.type === 'bot' || AI_ROLES.has(role)
        ? 'AI'
        : fields.type === 'person'
          ? 'Human'
          : 'Unknown',
  };
}
