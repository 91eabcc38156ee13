import type { Code, Op, OpPermission, Permission } from '@colloquy/wire';
import type { FastifyReply, FastifyRequest } from 'fastify';
import ipaddr from 'ipaddr.js';
import { type RateLimiterAbstract, RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { Authorizer, Identified } from '../access/authorization/authorizer.ts';
import { sessionExpired } from '../access/authorization/refusals.ts';
import type { Caller, Scope } from '../access/authorization/scope.ts';
import type { Sessions } from '../access/sign-in/sessions.ts';
import type { Config } from '../config.ts';
import { Fault } from '../kernel/fault.ts';

const FAILURES_PER_MINUTE = 20;
/** What guesses of passwords and links are answered with, and bodies that cannot be read. */
const COUNTED: ReadonlySet<Code> = new Set([
  'SIGN_IN_FAILED',
  'NOT_FOUND',
  'GONE',
  'INVALID_REQUEST',
]);

/** The checks of a request before its body is read, in the order of the contract. */
export class Authenticator {
  readonly #authorizer: Authorizer;
  readonly #sessions: Sessions;
  readonly #failures = new RateLimiterMemory({ points: FAILURES_PER_MINUTE, duration: 60 });
  /** Of passwords and links, apart from those of keys: a page that nobody has signed in at sends none. */
  readonly #guesses = new RateLimiterMemory({ points: FAILURES_PER_MINUTE, duration: 60 });
  readonly #requests: RateLimiterAbstract | null;

  constructor(authorizer: Authorizer, sessions: Sessions, config: Config) {
    this.#authorizer = authorizer;
    this.#sessions = sessions;
    this.#requests =
      config.rateLimitPerSecond === null
        ? null
        : new RateLimiterMemory({ points: config.rateLimitPerSecond, duration: 1 });
  }

  /** The scope of a request whose key is remembered; null where `authorize` has to find out. */
  recall(request: FastifyRequest, op: Op): Scope | null {
    const { permission } = op;
    if (this.#requests || !isOfBusiness(permission)) return null;
    const { businessId } = request.params as { businessId: string };
    const number = businessIdOf(businessId);
    if (number === null) return null;
    try {
      return this.#authorizer.recall(request.headers.authorization, number, permission);
    } catch {
      // What is wrong with the header is said by `authorize`.
      return null;
    }
  }

  /** Key or session, user, and for operations of a business all that its use takes. */
  async authorize(
    request: FastifyRequest,
    reply: FastifyReply,
    { permission }: Op,
  ): Promise<Caller | Scope | null> {
    if (permission === 'anyone') {
      // Before it is looked at, so that many at once are no more than as many one by one.
      if (isGuess(request)) await spend(this.#guesses, networkOf(request.ip));
      return null;
    }
    return this.#admit(request, permission, await this.identify(request, reply));
  }

  /**
   * Authorizes a request again after its body arrived or while it waits, which can take hours: a user who
   * was removed or lost a role, or whose key was revoked or expired, may do no more. Takes no statement
   * with a key if nothing changed. Sessions are looked up each time.
   */
  async confirm(request: FastifyRequest, reply: FastifyReply, op: Op): Promise<void> {
    if (op.permission === 'anyone') return;
    const recalled = this.recall(request, op);
    if (recalled) {
      request.scope = recalled;
      return;
    }
    const identified = await this.#identifyBy(this.#cookieOf(request), request, reply);
    request.scope = await this.#admit(request, op.permission, identified);
  }

  /** True if a key's access may have changed, so that `confirm` has to find out; false for a session. */
  isOutdated(request: FastifyRequest, { permission }: Op): boolean {
    const { authorization } = request.headers;
    if (authorization === undefined || !isOfBusiness(permission) || !this.#authorizer.isLeased) {
      return false;
    }
    const { businessId } = request.params as { businessId: string };
    return this.#authorizer.recall(authorization, Number(businessId), permission) === null;
  }

  async #admit(
    request: FastifyRequest,
    permission: Exclude<OpPermission, 'anyone'>,
    identified: Identified,
  ): Promise<Caller | Scope> {
    if (permission === 'admin') return this.#authorizer.requireAdmin(identified);
    if (permission === 'signed-in') return this.#authorizer.signedIn(identified);
    const { businessId } = request.params as { businessId: string };
    return this.#authorizer.enter(identified, readBusinessId(businessId), permission);
  }

  /** Null where a key is given: whoever sends one means it, whatever cookies their program sends along. */
  #cookieOf({ headers: { authorization, cookie } }: FastifyRequest): string | null {
    const isMeant = authorization === undefined && cookie !== undefined;
    return isMeant && this.#sessions.hasCookie(cookie) ? cookie : null;
  }

  #identifyBy(
    cookie: string | null,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<Identified> {
    return cookie === null
      ? this.#authorizer.identify(request.headers.authorization)
      : this.#identifyByCookie(request, reply, cookie);
  }

  async identify(request: FastifyRequest, reply: FastifyReply): Promise<Identified> {
    let identified: Identified;
    try {
      identified = await this.#identifyBy(this.#cookieOf(request), request, reply);
    } catch (error) {
      const failed =
        error instanceof Fault &&
        (error.code === 'API_KEY_INVALID' || error.code === 'API_KEY_MISSING');
      if (failed && !isLoopback(request)) await spend(this.#failures, networkOf(request.ip));
      throw error;
    }
    if (this.#requests) await spend(this.#requests, identified.caller.apiKeyId);
    return identified;
  }

  /** Faults: SESSION_EXPIRED, CSRF_TOKEN_INVALID, USER_DISABLED. */
  async #identifyByCookie(
    request: FastifyRequest,
    reply: FastifyReply,
    cookie: string,
  ): Promise<Identified> {
    const { session, setCookies } = await this.#sessions.find(cookie);
    // Of an answer that is under way the headers are sent.
    if (!reply.raw.headersSent) for (const one of setCookies) reply.header('Set-Cookie', one);
    if (!session) throw sessionExpired();
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      // Another site can make a browser send the cookie, and cannot know this.
      const token = request.headers['x-csrf-token'];
      if (typeof token !== 'string' || !this.#sessions.isCsrfToken(session, token)) {
        throw new Fault(
          'CSRF_TOKEN_INVALID',
          'Send the CsrfToken of GetSession with each change, in the header `X-CSRF-Token`.',
        );
      }
    }
    return this.#authorizer.identifySession(session);
  }

  /**
   * A request without a credential counts until a handler has served it: one that is cut off, or whose
   * body is refused, is never served.
   */
  async noteOutcome(request: FastifyRequest, error?: unknown): Promise<void> {
    if (!isGuess(request)) return;
    if (error instanceof Fault && COUNTED.has(error.code)) return;
    await this.#guesses.reward(networkOf(request.ip));
  }

  /** Only an admin whose key is not narrowed. */
  async requireAdmin(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    this.#authorizer.requireAdmin(await this.identify(request, reply));
  }
}

function isOfBusiness(permission: OpPermission): permission is 'member' | Permission {
  return permission === 'member' || typeof permission === 'object';
}

/** Whether a request without a credential may be one of many that try something out. */
const isGuess = (request: FastifyRequest) => request.method !== 'GET' && !isLoopback(request);

/**
 * Where a request comes from, for counting: of IPv6 the first half, since whoever has one address there has
 * all that share it.
 */
export function networkOf(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  if (parsed.kind() === 'ipv4') return parsed.toString();
  return parsed.toByteArray().slice(0, 8).join('.');
}

async function spend(limiter: RateLimiterAbstract, key: string): Promise<void> {
  try {
    await limiter.consume(key);
  } catch (refusal) {
    if (!(refusal instanceof RateLimiterRes)) throw refusal;
    throw rateLimited(refusal);
  }
}

function rateLimited({ msBeforeNext }: RateLimiterRes): Fault {
  const seconds = Math.max(1, Math.ceil(msBeforeNext / 1000));
  return new Fault('RATE_LIMITED', `Too many requests; try again in ${seconds} s.`, {
    retryAfterSeconds: seconds,
  });
}

function readBusinessId(text: string): number {
  const number = businessIdOf(text);
  if (number === null) throw new Fault('INVALID_REQUEST', 'businessId must be a positive integer.');
  return number;
}

function businessIdOf(text: string): number | null {
  const number = /^[1-9]\d{0,15}$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(number) ? number : null;
}

const FORWARDED = ['x-forwarded-for', 'x-real-ip', 'forwarded', 'via'];
const OWN_HOST = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i;

/**
 * Whether a request comes from this machine itself; one that was forwarded never does, nor one of a page
 * in a browser here whose own host was made to lead here.
 */
export function isLoopback(request: FastifyRequest): boolean {
  const { headers, socket } = request.raw;
  if (FORWARDED.some((name) => headers[name] !== undefined)) return false;
  const address = socket.remoteAddress ?? '';
  return /^(::ffff:)?127\.|^::1$/.test(address) && OWN_HOST.test(headers.host ?? '');
}
