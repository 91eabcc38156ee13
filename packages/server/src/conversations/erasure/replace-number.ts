import {
  cutPlaces,
  type NumberSpellings,
  type Place,
  spellingsOf,
} from '../../redaction/number-spellings.ts';
import { type MapText, mapJson } from '../../redaction/text/map-json.ts';
import type { TextGroup } from '../../redaction/text/text-groups.ts';
import {
  type Agent,
  type Client,
  type Conversation,
  type Event,
  type Header,
  type Log,
  type Message,
  participantIds,
} from '../model/conversation.ts';
import { mapHeader, mapLog, mapMessage } from '../model/texts.ts';
import { replaceInWords } from './replace-words.ts';

/** `Metadata` covers the whole head. */
const MENTION_PLACES = ['Messages', 'Logs', 'Metadata', 'ToolCalls'] as const;
export type MentionPlace = (typeof MENTION_PLACES)[number];

/** Replaced ranges of the original content, by message index. */
export type ContentEdits = ReadonlyMap<number, readonly Place[]>;

/** Ids may not contain the brackets of the usual mark. */
const ERASED_ID = 'erased';

/** Replaces a number in texts, names and participant ids, not in ids of conversations, calls and events. */
export class NumberReplacement {
  readonly #spellings: NumberSpellings;
  readonly #found = new Set<MentionPlace>();
  readonly #ids = new Map<string, string>();
  readonly #taken: Set<string>;

  constructor(e164: string, header: Header) {
    this.#spellings = spellingsOf(e164);
    this.#taken = new Set(participantIds(header));
  }

  get places(): MentionPlace[] {
    return MENTION_PLACES.filter((place) => this.#found.has(place));
  }

  get renamed(): [from: string, to: string][] {
    return [...this.#ids].filter(([from, to]) => from !== to);
  }

  conversation({ messages, logs, ...header }: Conversation) {
    const edits = new Map<number, readonly Place[]>();
    const newMessages = messages.map((message, at) => {
      const ranges = this.#spellings.find(message.content);
      if (ranges.length > 0) edits.set(at, ranges);
      return this.message(message, ranges);
    });
    const conversation: Conversation = {
      ...this.header(header),
      messages: newMessages,
      logs: logs.map((log) => this.log(log)),
    };
    return { conversation, edits: edits satisfies ContentEdits };
  }

  event(event: Event): Event {
    const map = this.#in('Metadata');
    switch (event.type) {
      case 'started': {
        const { metadata, source } = event;
        return {
          ...event,
          metadata: mapJson(metadata, map) as typeof metadata,
          ...(source && { source: mapJson(source, map) as typeof source }),
        };
      }
      case 'clientJoined':
        return this.#client(event);
      case 'agentJoined':
        return this.#agent(event);
      case 'clientLeft':
        return { ...event, clientId: this.#id(event.clientId), ...left(event, map) };
      case 'agentLeft':
        return { ...event, agentId: this.#id(event.agentId), ...left(event, map) };
      case 'message':
        return { ...event, message: this.message(event.message) };
      case 'log':
        return { ...event, log: this.log(event.log) };
      case 'ended':
        return event.endReason === undefined
          ? event
          : { ...event, endReason: map(event.endReason) };
      case 'written':
        return { ...event, conversation: this.conversation(event.conversation).conversation };
      case 'statusChanged':
        return event;
    }
  }

  header(header: Header): Header {
    const { clients, agents, ...rest } = mapHeader(header, this.#in('Metadata'));
    return {
      ...rest,
      clients: clients.map((client) => this.#client(client)),
      agents: agents.map((agent) => this.#agent(agent)),
    };
  }

  message(message: Message, ranges = this.#spellings.find(message.content)): Message {
    const { content, words, ...rest } = message;
    const { find } = this.#spellings;
    const newWords = words && replaceInWords(content, words, ranges, find);
    const isSaid = newWords?.some((word, at) => word !== words?.[at]) === true;
    if (ranges.length > 0 || isSaid) this.#found.add('Messages');
    return {
      ...mapMessage({ ...rest, content: '' }, this.#in('ToolCalls')),
      senderId: this.#id(message.senderId),
      content: cutPlaces(content, ranges),
      ...(newWords && { words: newWords }),
    };
  }

  log(log: Log): Log {
    return mapLog(log, this.#in('Logs'));
  }

  #in(place: MentionPlace): MapText {
    const noted = (texts: readonly string[], replaced: readonly string[]) => {
      if (replaced.some((text, at) => text !== texts[at])) this.#found.add(place);
      return replaced;
    };
    const { replace, replaceAcross, replaceInGroups } = this.#spellings;
    return Object.assign(
      (text: string) => {
        const replaced = replace(text);
        if (replaced !== text) this.#found.add(place);
        return replaced;
      },
      {
        array: (texts: readonly string[]) => noted(texts, replaceAcross(texts)),
        objects: (texts: readonly string[], groups: readonly TextGroup[]) =>
          noted(texts, replaceInGroups(texts, groups)),
      },
    );
  }

  #client<C extends Pick<Client, 'clientId' | 'name'>>(client: C): C {
    return { ...client, clientId: this.#id(client.clientId), ...this.#named(client) };
  }

  #agent<A extends Pick<Agent, 'agentId' | 'name'>>(agent: A): A {
    return { ...agent, agentId: this.#id(agent.agentId), ...this.#named(agent) };
  }

  #named({ name }: { readonly name?: string }): { readonly name?: string } {
    return name === undefined ? {} : { name: this.#in('Metadata')(name) };
  }

  #id(id: string): string {
    const known = this.#ids.get(id);
    if (known !== undefined) return known;
    const free = this.#newId(id, this.#spellings.find(id));
    this.#ids.set(id, free);
    if (free !== id) this.#found.add('Metadata');
    return free;
  }

  #newId(id: string, places: readonly Place[]): string {
    if (places.length === 0) return id;
    const replaced = cutPlaces(id, places, ERASED_ID);
    let free = replaced;
    for (let n = 2; this.#taken.has(free); n += 1) free = `${replaced}_${n}`;
    this.#taken.add(free);
    return free;
  }
}

const left = ({ leaveReason }: { readonly leaveReason: string | null }, map: MapText) => ({
  leaveReason: leaveReason && map(leaveReason),
});
