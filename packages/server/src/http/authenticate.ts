import type { Code, Op, OpPermission, Permission } from '@colloquy/wire';
import type { FastifyReply, FastifyRequest } from 'fastify';
import ipaddr from 'ipaddr.js';
import { type RateLimiterAbstract, RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { Authorizer, Identity } from '../access/authorization/authorizer.ts';
import { hashOfAuthorization } from '../access/authorization/credential.ts';
import { sessionExpired } from '../access/authorization/refusals.ts';
import type { Caller, Scope } from '../access/authorization/scope.ts';
import type { Sessions } from '../access/sign-in/sessions.ts';
import type { Config } from '../config.ts';
import { Fault } from '../kernel/fault.ts';

const FAILURES_PER_MINUTE = 20;
/** Failures that count as guesses of passwords and links, including unreadable bodies. */
const GUESS_FAILURES: ReadonlySet<Code> = new Set([
  'SIGN_IN_FAILED',
  'NOT_FOUND',
  'GONE',
  'INVALID_REQUEST',
]);

export class Authenticator {
  readonly #authorizer: Authorizer;
  readonly #sessions: Sessions;
  readonly #failures = new RateLimiterMemory({ points: FAILURES_PER_MINUTE, duration: 60 });
  /** Guesses of passwords and links, counted apart from invalid keys. */
  readonly #guesses = new RateLimiterMemory({ points: FAILURES_PER_MINUTE, duration: 60 });
  readonly #requests: RateLimiterAbstract | null;

  constructor(authorizer: Authorizer, sessions: Sessions, config: Config) {
    this.#authorizer = authorizer;
    this.#sessions = sessions;
    const points = config.rateLimitPerSecond;
    this.#requests = points === null ? null : new RateLimiterMemory({ points, duration: 1 });
  }

  authorizeCached(request: FastifyRequest, op: Op): Scope | null {
    const { permission } = op;
    if (this.#requests || !isOfBusiness(permission)) return null;
    const { businessId } = request.params as { businessId: string };
    const number = businessIdOf(businessId);
    const keyHash = keyHashOf(request);
    if (number === null || keyHash === null) return null;
    return this.#authorizer.authorizeCached(keyHash, number, permission);
  }

  async authorize(request: FastifyRequest, reply: FastifyReply, { permission }: Op) {
    if (permission === 'anyone') {
      // Counted in advance, so concurrent guesses are limited like sequential ones.
      if (isGuess(request)) await consumePoint(this.#guesses, networkOf(request.ip));
      return null;
    }
    return this.#authorizeIdentity(request, permission, await this.authenticate(request, reply));
  }

  /** Again, because access may have been revoked while a body arrived, which can take hours. */
  async reauthorize(request: FastifyRequest, reply: FastifyReply, op: Op): Promise<void> {
    if (op.permission === 'anyone') return;
    const cached = this.authorizeCached(request, op);
    if (cached) {
      request.scope = cached;
      return;
    }
    const identity = await this.#authenticateBy(this.#cookieOf(request), request, reply);
    request.scope = await this.#authorizeIdentity(request, op.permission, identity);
  }

  isOutdated(request: FastifyRequest, { permission }: Op): boolean {
    const keyHash = keyHashOf(request);
    if (keyHash === null || !isOfBusiness(permission) || !this.#authorizer.isLeased) return false;
    const { businessId } = request.params as { businessId: string };
    return this.#authorizer.authorizeCached(keyHash, Number(businessId), permission) === null;
  }

  async #authorizeIdentity(
    request: FastifyRequest,
    permission: Exclude<OpPermission, 'anyone'>,
    identity: Identity,
  ): Promise<Caller | Scope> {
    if (permission === 'admin') return this.#authorizer.requireAdmin(identity);
    if (permission === 'signed-in') return this.#authorizer.signedIn(identity);
    const number = businessIdOf((request.params as { businessId: string }).businessId);
    if (number !== null) return this.#authorizer.authorize(identity, number, permission);
    throw new Fault('INVALID_REQUEST', 'businessId must be a positive integer.');
  }

  /** null if there is a key: programs may send cookies unintentionally. */
  #cookieOf({ headers: { authorization, cookie } }: FastifyRequest): string | null {
    const isMeant = authorization === undefined && cookie !== undefined;
    return isMeant && this.#sessions.hasCookie(cookie) ? cookie : null;
  }

  #authenticateBy(cookie: string | null, request: FastifyRequest, reply: FastifyReply) {
    return cookie === null
      ? this.#authorizer.authenticate(request.headers.authorization)
      : this.#authenticateByCookie(request, reply, cookie);
  }

  async authenticate(request: FastifyRequest, reply: FastifyReply): Promise<Identity> {
    let identity: Identity;
    try {
      identity = await this.#authenticateBy(this.#cookieOf(request), request, reply);
    } catch (error) {
      const hasFailed =
        error instanceof Fault && ['API_KEY_INVALID', 'API_KEY_MISSING'].includes(error.code);
      if (hasFailed) await this.noteFailure(request);
      throw error;
    }
    if (this.#requests) await consumePoint(this.#requests, identity.caller.apiKeyId);
    return identity;
  }

  /** After a refused credential. RATE_LIMITED if the address has had too many. */
  async noteFailure(request: FastifyRequest): Promise<void> {
    if (!isLoopback(request)) await consumePoint(this.#failures, networkOf(request.ip));
  }

  async #authenticateByCookie(request: FastifyRequest, reply: FastifyReply, cookie: string) {
    const { session, setCookies } = await this.#sessions.find(cookie);
    if (!reply.raw.headersSent) for (const one of setCookies) reply.header('Set-Cookie', one);
    if (!session) throw sessionExpired();
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      // Another site can make a browser send the cookie but does not know the token.
      const token = request.headers['x-csrf-token'];
      if (typeof token !== 'string' || !this.#sessions.isCsrfToken(session, token)) {
        throw new Fault(
          'CSRF_TOKEN_INVALID',
          'Send the CsrfToken of GetSession with each change, in the header `X-CSRF-Token`.',
        );
      }
    }
    return this.#authorizer.authenticateSession(session);
  }

  /** Takes back the guess if a handler succeeded; aborted and refused requests stay counted. */
  async noteOutcome(request: FastifyRequest, error?: unknown): Promise<void> {
    if (!isGuess(request)) return;
    if (error instanceof Fault && GUESS_FAILURES.has(error.code)) return;
    await this.#guesses.reward(networkOf(request.ip));
  }

  async requireAdmin(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    this.#authorizer.requireAdmin(await this.authenticate(request, reply));
  }
}

/** Kept, because a cached key is checked several times. null: `authorize` reports the problem. */
function keyHashOf(request: FastifyRequest): string | null {
  const { authorization } = request.headers;
  if (request.keyHash !== null || authorization === undefined) return request.keyHash;
  try {
    request.keyHash = hashOfAuthorization(authorization);
  } catch {
    return null;
  }
  return request.keyHash;
}

function isOfBusiness(permission: OpPermission): permission is 'member' | Permission {
  return permission === 'member' || typeof permission === 'object';
}

const isGuess = (request: FastifyRequest) => request.method !== 'GET' && !isLoopback(request);

/** For rate limits: an IPv6 address is reduced to its /64 network, which one client controls. */
function networkOf(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  if (parsed.kind() === 'ipv4') return parsed.toString();
  return parsed.toByteArray().slice(0, 8).join('.');
}

async function consumePoint(limiter: RateLimiterAbstract, key: string): Promise<void> {
  try {
    await limiter.consume(key);
  } catch (refusal) {
    if (!(refusal instanceof RateLimiterRes)) throw refusal;
    const retryAfterSeconds = Math.max(1, Math.ceil(refusal.msBeforeNext / 1000));
    const message = `Too many requests; try again in ${retryAfterSeconds} s.`;
    throw new Fault('RATE_LIMITED', message, { retryAfterSeconds });
  }
}

function businessIdOf(text: string): number | null {
  const number = /^[1-9]\d{0,15}$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(number) ? number : null;
}

const FORWARDED = ['x-forwarded-for', 'x-real-ip', 'forwarded', 'via'];
const OWN_HOST = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i;

/** False if forwarded, or for other hosts that resolve to this machine (DNS rebinding). */
export function isLoopback(request: FastifyRequest): boolean {
  const { headers, socket } = request.raw;
  if (FORWARDED.some((name) => headers[name] !== undefined)) return false;
  const address = socket.remoteAddress ?? '';
  return /^(::ffff:)?127\.|^::1$/.test(address) && OWN_HOST.test(headers.host ?? '');
}
