import { Agent, request } from 'node:http';
import { setPriority } from 'node:os';
import { answerParent } from './forked.ts';
import { ATTACKS, type Shot, type Target } from './isolation-attacks.ts';

export interface AttackOrder {
  readonly attack: number;
  readonly requests: number;
  readonly target: Target;
  /** Only prepares the requests, which takes CPU time. */
  readonly isRehearsal: boolean;
}

export interface Attacked {
  readonly seconds: number;
  /** The number of answers by status; `lost` for requests without one. */
  readonly statuses: Readonly<Record<string, number>>;
}

const shots = new Map<number, (index: number) => Shot>();

async function attack({
  attack: number,
  requests,
  target,
  isRehearsal,
}: AttackOrder): Promise<Attacked> {
  const found = ATTACKS[number];
  if (!found) throw new Error(`there is no attack ${number}`);
  const shotOf = shots.get(number) ?? found.shoot(target);
  shots.set(number, shotOf);
  if (isRehearsal) return { seconds: 0, statuses: {} };
  const agent = new Agent({ keepAlive: true, maxSockets: found.atOnce });
  const statuses: Record<string, number> = {};
  const begin = performance.now();
  let next = 0;
  const run = async () => {
    while (next < requests) {
      const shot = shotOf(next);
      next += 1;
      const status = await send(agent, target.port, shot).catch(() => 'lost');
      statuses[status] = (statuses[status] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: found.atOnce }, run));
  agent.destroy();
  return { seconds: (performance.now() - begin) / 1000, statuses };
}

function send(agent: Agent, port: number, { method, path, headers, body }: Shot): Promise<string> {
  return new Promise((resolve, reject) => {
    const length = body === null ? {} : { 'Content-Length': String(body.length) };
    const sent = request(
      { host: '127.0.0.1', port, agent, method, path, headers: { ...headers, ...length } },
      (response) => {
        response.once('error', reject);
        response.once('end', () => resolve(String(response.statusCode)));
        response.resume();
      },
    );
    sent.once('error', reject);
    sent.end(body ?? undefined);
  });
}

// A low priority, because the attacker shares the cores with the measured server.
setPriority(10);
answerParent(attack);
