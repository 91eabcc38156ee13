import type { Op, OpPermission, Permission } from '@colloquy/wire';
import type { FastifyRequest } from 'fastify';
import { type RateLimiterAbstract, RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { Gate, Identified } from '../access/gate.ts';
import type { Caller, Scope } from '../access/scope.ts';
import { Fault } from '../base/fault.ts';
import type { Config } from '../config.ts';

const FAILURES_PER_MINUTE = 20;

/** The checks of a request before its body is read, in the order of the contract. */
export class Authenticator {
  readonly #gate: Gate;
  readonly #failures = new RateLimiterMemory({ points: FAILURES_PER_MINUTE, duration: 60 });
  readonly #requests: RateLimiterAbstract | null;

  constructor(gate: Gate, config: Config) {
    this.#gate = gate;
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
      return this.#gate.recall(request.headers.authorization, number, permission);
    } catch {
      // What is wrong with the header is said by `authorize`.
      return null;
    }
  }

  /** Key, user, and for operations of a business all that its use takes. */
  async authorize(request: FastifyRequest, { permission }: Op): Promise<Caller | Scope | null> {
    if (permission === 'anyone') return null;
    const identified = await this.identify(request);
    if (permission === 'admin') return this.#gate.requireAdmin(identified);
    if (permission === 'signed-in') return this.#gate.signedIn(identified);
    const { businessId } = request.params as { businessId: string };
    return this.#gate.enter(identified, readBusinessId(businessId), permission);
  }

  async identify(request: FastifyRequest): Promise<Identified> {
    let identified: Identified;
    try {
      identified = await this.#gate.identify(request.headers.authorization);
    } catch (error) {
      const failed =
        error instanceof Fault &&
        (error.code === 'API_KEY_INVALID' || error.code === 'API_KEY_MISSING');
      if (failed && !isLoopback(request)) await spend(this.#failures, request.ip);
      throw error;
    }
    if (this.#requests) await spend(this.#requests, identified.caller.apiKeyId);
    return identified;
  }

  /** Only an admin whose key is not narrowed. */
  async requireAdmin(request: FastifyRequest): Promise<void> {
    this.#gate.requireAdmin(await this.identify(request));
  }
}

function isOfBusiness(permission: OpPermission): permission is 'member' | Permission {
  return permission === 'member' || typeof permission === 'object';
}

async function spend(limiter: RateLimiterAbstract, key: string): Promise<void> {
  try {
    await limiter.consume(key);
  } catch (refusal) {
    if (!(refusal instanceof RateLimiterRes)) throw refusal;
    const seconds = Math.max(1, Math.ceil(refusal.msBeforeNext / 1000));
    throw new Fault('RATE_LIMITED', `Too many requests; try again in ${seconds} s.`, {
      retryAfterSeconds: seconds,
    });
  }
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

/** Whether a request comes from this machine itself; one that was forwarded never does. */
export function isLoopback(request: FastifyRequest): boolean {
  const { headers, socket } = request.raw;
  if (headers['x-forwarded-for'] !== undefined || headers.forwarded !== undefined) return false;
  const address = socket.remoteAddress ?? '';
  return /^(::ffff:)?127\.|^::1$/.test(address);
}
