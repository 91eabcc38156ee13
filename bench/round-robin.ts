import { once } from 'node:events';
import { Agent, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openFrontDoor } from '../test/soak/front-door.ts';
import { answerParent } from './forked.ts';

/** Ports to which each new connection, or each request, goes in turn. */
export interface Targets {
  readonly by: 'connection' | 'request';
  readonly ports: readonly number[];
}

const door = await openFrontDoor();
let ports: readonly number[] = [];
let sent = 0;
const agent = new Agent({ keepAlive: true });
const proxy = createServer((near, answer) => {
  const { method, url, headers } = near;
  const port = ports[sent++ % ports.length];
  const far = request({ host: '127.0.0.1', port, agent, method, path: url, headers }, (reply) => {
    answer.writeHead(reply.statusCode ?? 502, reply.headers);
    reply.pipe(answer);
  });
  far.on('error', () => answer.destroy());
  near.pipe(far);
});
await once(proxy.listen(0, '127.0.0.1'), 'listening');

/** Answers with the port of the proxy. */
answerParent(async (targets: Targets): Promise<number> => {
  ports = targets.ports;
  door.leadTo(...ports.map((port) => `http://127.0.0.1:${port}`));
  if (targets.by === 'request') return (proxy.address() as AddressInfo).port;
  return Number(new URL(door.url).port);
});
