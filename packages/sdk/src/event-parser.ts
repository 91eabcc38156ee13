export interface ParsedEvent {
  /** `message` if the block names none. */
  readonly event: string;
  readonly data: string;
}

/** Reads `text/event-stream` as the HTML standard describes it. */
export class EventParser {
  /** Of the last block, even if it had no data. */
  lastEventId: string | null;
  /** As the server asks for; null: it did not. */
  retryMs: number | null = null;
  #rest = '';
  #id: string | null;
  #event = '';
  #data: string[] = [];

  constructor(lastEventId: string | null) {
    this.lastEventId = lastEventId;
    this.#id = lastEventId;
  }

  /** Yields between events, so `lastEventId` is that of the event. */
  *read(text: string): Generator<ParsedEvent> {
    const lines = (this.#rest + text).split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      const event = line === '' ? this.#endBlock() : this.#readField(line);
      if (event) yield event;
    }
  }

  #readField(line: string): null {
    const [, field, value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (field === 'event') this.#event = value;
    else if (field === 'data') this.#data.push(value);
    else if (field === 'id' && !value.includes('\0')) this.#id = value;
    else if (field === 'retry' && /^\d+$/.test(value)) this.retryMs = Number(value);
    return null;
  }

  #endBlock(): ParsedEvent | null {
    const [event, data] = [this.#event || 'message', this.#data];
    this.lastEventId = this.#id;
    this.#event = '';
    this.#data = [];
    return data.length === 0 ? null : { event, data: data.join('\n') };
  }
}
