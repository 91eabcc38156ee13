import { isMasked, type Scope } from '../access/authorization/scope.ts';
import { Fault } from '../kernel/fault.ts';
import { Follower, type FollowerOptions } from './follower.ts';
import { Hub, type HubContext } from './hub.ts';

/** Who follows; access is checked while the stream is open. */
export interface Reader {
  readonly scope: Scope;
  authorize(): Promise<Scope>;
  isOutdated(): boolean;
}

const TICK_MILLISECONDS = 250;
/** Each stream is checked once per this many ticks. */
const PARTS = 4;
const BEAT_MILLISECONDS = 15_000;
const CHECKS_AT_ONCE = 8;

interface Open {
  readonly follower: Follower;
  readonly reader: Reader;
  readonly view: string;
}

/** The open streams of this process. */
export class Streams {
  readonly #ctx: HubContext;
  readonly #hubs = new Map<number, Hub>();
  readonly #open = new Map<Follower, Open>();
  #timer: NodeJS.Timeout | null = null;
  #ticks = 0;
  #isChecking = false;
  #isClosed = false;

  constructor(ctx: HubContext) {
    this.#ctx = ctx;
  }

  get count(): number {
    return this.#open.size;
  }

  /** Changes that commit after this are delivered. Until it is opened, the follower keeps them. */
  async follow(
    reader: Reader,
    options: Omit<FollowerOptions, 'onRemove'>,
  ): Promise<{ readonly follower: Follower; readonly position: number }> {
    if (this.#isClosed)
      throw new Fault('UNAVAILABLE', 'The server is stopping; try again shortly.');
    const { businessId } = reader.scope;
    const hub = this.#hubs.get(businessId) ?? new Hub(this.#ctx, businessId);
    this.#hubs.set(businessId, hub);
    const onRemove = (removed: Follower) => {
      this.#open.delete(removed);
      hub.remove(removed);
      this.#closeUnused(businessId, hub);
    };
    const follower = new Follower({ ...options, onRemove });
    hub.add(follower);
    this.#open.set(follower, { follower, reader, view: viewOf(reader.scope) });
    this.#timer ??= setInterval(() => this.#tick(), TICK_MILLISECONDS).unref();
    try {
      await hub.ready;
    } catch (error) {
      this.#hubs.delete(businessId);
      follower.end();
      throw error;
    }
    return { follower, position: hub.position };
  }

  /** The clients can resume, here or on another node. */
  endAll(): void {
    for (const follower of [...this.#open.keys()]) follower.end();
  }

  close(): void {
    this.#isClosed = true;
    this.endAll();
    if (this.#timer) clearInterval(this.#timer);
  }

  #closeUnused(businessId: number, hub: Hub): void {
    if (hub.isFollowed) return;
    hub.close();
    if (this.#hubs.get(businessId) === hub) this.#hubs.delete(businessId);
    if (this.#open.size > 0 || !this.#timer) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }

  /** One timer for all streams, which would otherwise need several each. */
  #tick(): void {
    this.#ticks += 1;
    const beats = BEAT_MILLISECONDS / TICK_MILLISECONDS;
    const isBeat = this.#ticks % beats === 0;
    for (const follower of this.#open.keys()) {
      follower.tick();
      if (isBeat) follower.beat();
    }
    if (this.#isChecking) return;
    this.#isChecking = true;
    void this.#check(this.#ticks % PARTS).finally(() => {
      this.#isChecking = false;
    });
  }

  async #check(part: number): Promise<void> {
    const due: Open[] = [];
    let n = 0;
    for (const open of this.#open.values()) {
      const { reader } = open;
      if (n % PARTS === part && (reader.scope.isSession || reader.isOutdated())) due.push(open);
      n += 1;
    }
    const next = due.values();
    const work = async () => {
      for (const open of next) await this.#checkAccess(open);
    };
    await Promise.all(Array.from({ length: CHECKS_AT_ONCE }, work));
  }

  async #checkAccess({ follower, reader, view }: Open): Promise<void> {
    if (follower.isOver) return;
    try {
      // With other masking, the client begins again with the new view.
      if (viewOf(await reader.authorize()) !== view) follower.end();
    } catch (error) {
      // If the database does not answer, the next check decides.
      if (error instanceof Fault && error.code !== 'UNAVAILABLE') follower.end();
    }
  }
}

const viewOf = (scope: Scope) =>
  isMasked(scope) ? JSON.stringify([scope.redaction, scope.redactionCountry]) : 'originals';
