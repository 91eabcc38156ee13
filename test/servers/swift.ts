import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { appendFileSync, existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import {
  CreateBucketCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { inject } from 'vitest';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    swift: string;
  }
}

const STORES = ['account', 'container', 'object'] as const;
const PROGRAMS = [
  '/usr/bin/memcached',
  '/usr/bin/python3',
  '/usr/bin/swift-proxy-server',
  ...STORES.map((store) => `/usr/bin/swift-${store}-server`),
];
/** A listing that misses the update of an object lacks it until the next repair. */
const PATIENCE = 'conn_timeout = 20\nnode_timeout = 20\ncontainer_update_timeout = 20\n';
const READY_MILLISECONDS = 60_000;
/** The process ids of its programs, one per line. */
const PIDS = 'pids';
/** Replaces three runs of swift-ring-builder for each store by one run for all names and ports. */
const MAKE_RINGS = `
import sys
from swift.common.ring import RingBuilder
for name, port in zip(sys.argv[1::2], sys.argv[2::2]):
    builder = RingBuilder(2, 1, 0)
    builder.add_dev({'region': 1, 'zone': 1, 'ip': '127.0.0.1', 'port': int(port), 'device': 'd1',
                     'weight': 1, 'replication_ip': '127.0.0.1', 'replication_port': int(port), 'meta': ''})
    builder.rebalance()
    builder.get_ring().save(name + '.ring.gz')
`;
export const REGION = 'us-east-1';
/** Swift's credentials as S3 names them. */
export const CREDENTIALS = { accessKeyId: 'test:tester', secretAccessKey: 'testing' };

/** Its buckets allow every origin (CORS), as the console needs. */
export interface Swift extends AsyncDisposable {
  readonly endpoint: string;
  /** Shows contents of a bucket that the store under test does not. */
  readonly client: S3Client;
  newBucket(versioned?: 'versioned'): Promise<string>;
}

/** OpenStack Swift of Debian: an S3 server that validates requests strictly. */
export function hasSwift(): boolean {
  return PROGRAMS.every((program) => existsSync(program));
}

/**
 * Provides a folder for the one server of all test files of a project. The first test file that
 * needs it starts it; it ends with the tests.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'colloquy-swift-'));
  project.provide('swift', folder);
  return async () => {
    const started = await readFile(join(folder, PIDS), 'utf8').catch(() => '');
    for (const pid of started.split('\n').filter(Boolean)) {
      try {
        process.kill(Number(pid), 'SIGKILL');
      } catch {}
    }
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  };
}

/** OpenStack Swift with its S3 interface, on loopback and in a temporary folder. */
export async function openSwift(): Promise<Swift> {
  const folder = inject('swift');
  const endpoint = await endpointOf(folder);
  const client = openClient(endpoint);
  return {
    endpoint,
    client,
    async newBucket(versioned) {
      const bucket = `bucket-${randomBytes(8).toString('hex')}`;
      await client.send(new CreateBucketCommand({ Bucket: bucket }));
      if (versioned) {
        const configuration = { Status: 'Enabled' } as const;
        await client.send(
          new PutBucketVersioningCommand({
            Bucket: bucket,
            VersioningConfiguration: configuration,
          }),
        );
      }
      return bucket;
    },
    async [Symbol.asyncDispose]() {
      client.destroy();
    },
  };
}

/** Starts the server, or waits until another test file has started it. */
async function endpointOf(folder: string): Promise<string> {
  const answer = join(folder, 'endpoint');
  const isFirst = await mkdir(join(folder, 'started')).then(
    () => true,
    () => false,
  );
  if (isFirst) {
    const endpoint = await start(folder);
    await writeFile(`${answer}.new`, endpoint);
    await rename(`${answer}.new`, answer);
    return endpoint;
  }
  const deadline = performance.now() + READY_MILLISECONDS;
  for (;;) {
    const endpoint = await readFile(answer, 'utf8').catch(() => null);
    if (endpoint !== null) return endpoint;
    if (performance.now() > deadline) throw new Error('Swift did not start');
    await sleep(50);
  }
}

async function start(folder: string): Promise<string> {
  const [memcached, proxy, ...stores] = await freePorts(2 + STORES.length);
  await mkdir(join(folder, 'srv/d1'), { recursive: true });
  await mkdir(join(folder, 'cache'));
  await writeSettings(folder, { memcached, proxy, stores });
  const run = (program: string, args: readonly string[]) => {
    const child = spawn(program, args, {
      cwd: folder,
      detached: true,
      stdio: 'ignore',
      env: { PATH: process.env.PATH, PYTHON_EGG_CACHE: join(folder, 'cache') },
    });
    child.unref();
    appendFileSync(join(folder, PIDS), `${child.pid}\n`);
  };
  run('/usr/bin/memcached', [
    ...['-l', '127.0.0.1', '-p', `${memcached}`, '-U', '0', '-m', '16'],
    ...['-u', userInfo().username],
  ]);
  for (const store of STORES) run(`/usr/bin/swift-${store}-server`, [`${store}.conf`]);
  run('/usr/bin/swift-proxy-server', ['proxy.conf']);
  const endpoint = `http://127.0.0.1:${proxy}`;
  const client = openClient(endpoint);
  await whenReady(client);
  client.destroy();
  return endpoint;
}

const openClient = (endpoint: string) =>
  new S3Client({
    endpoint,
    region: REGION,
    credentials: CREDENTIALS,
    forcePathStyle: true,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    maxAttempts: 1,
  });

/**
 * One device, one replica, and no workers, so each server is one process. The proxy keeps using
 * stores that were not ready at first. On busy cores a client can pause for seconds in the middle
 * of a request, so the time limit for clients is long.
 */
async function writeSettings(
  folder: string,
  ports: { memcached: number; proxy: number; stores: readonly number[] },
): Promise<void> {
  const write = (name: string, text: string) => writeFile(join(folder, name), text);
  const common = (port: number) => `[DEFAULT]
bind_ip = 127.0.0.1
bind_port = ${port}
user = ${userInfo().username}
client_timeout = 60
swift_dir = ${folder}
workers = 0
log_address = ${folder}/none
`;
  await write(
    'swift.conf',
    '[swift-hash]\nswift_hash_path_suffix = x\nswift_hash_path_prefix = y\n',
  );
  for (const [index, store] of STORES.entries()) {
    await write(
      `${store}.conf`,
      `${common(ports.stores[index] ?? 0)}devices = ${folder}/srv
mount_check = false
[pipeline:main]
pipeline = ${store}-server
[app:${store}-server]
use = egg:swift#${store}
${PATIENCE}`,
    );
  }
  const rings = STORES.flatMap((store, index) => [store, String(ports.stores[index])]);
  await promisify(execFile)('/usr/bin/python3', ['-c', MAKE_RINGS, ...rings], { cwd: folder });
  const filters = ['catch_errors', 'gatekeeper', 'listing_formats', 'slo', 'symlink'];
  await write(
    'proxy.conf',
    `${common(ports.proxy)}cors_allow_origin = *
[pipeline:main]
pipeline = catch_errors gatekeeper cache listing_formats s3api tempauth slo versioned_writes symlink proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
${PATIENCE}error_suppression_interval = 0
error_suppression_limit = 1000000
[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = testing .admin
[filter:s3api]
use = egg:swift#s3api
location = ${REGION}
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:${ports.memcached}
[filter:versioned_writes]
use = egg:swift#versioned_writes
allow_object_versioning = true
${filters.map((name) => `[filter:${name}]\nuse = egg:swift#${name}\n`).join('')}`,
  );
}

async function freePorts(count: number): Promise<[number, number, ...number[]]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  const ports = servers.map((server) => {
    const address = server.address();
    return typeof address === 'object' && address ? address.port : 0;
  });
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  const [first = 0, second = 0, ...rest] = ports;
  return [first, second, ...rest];
}

async function whenReady(client: S3Client): Promise<void> {
  const deadline = performance.now() + READY_MILLISECONDS;
  for (let attempt = 1; ; attempt += 1) {
    const Bucket = `ready-${attempt}`;
    try {
      await client.send(new CreateBucketCommand({ Bucket }));
      await client.send(new PutObjectCommand({ Bucket, Key: 'ready', Body: 'ready' }));
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await sleep(50);
    }
  }
}
