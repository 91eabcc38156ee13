import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { ROOT } from '../servers/server-process.ts';
import { instructions } from './image-build.ts';

interface Service {
  readonly image?: string;
  readonly build?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly depends_on?: Readonly<Record<string, unknown>>;
  readonly entrypoint?: readonly string[];
  readonly stop_grace_period?: string;
  readonly restart?: string;
}

export interface Compose {
  readonly services: Readonly<Record<'secrets' | 'postgres' | 'store' | 'server', Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

export const COMPOSE_FILE = join(ROOT, 'compose.yaml');
export const KUBERNETES = join(ROOT, 'deploy/kubernetes');

export function readCompose(): Compose {
  return parse(readFileSync(COMPOSE_FILE, 'utf8'), { merge: true });
}

/** The server's variables if the environment has none of those that compose.yaml names. */
export function composeSettings(): Record<string, string> {
  const { environment = {} } = readCompose().services.server;
  return Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [
      name,
      value.replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1'),
    ]),
  );
}

export interface Manifest {
  readonly file: string;
  readonly content: { readonly apiVersion: string; readonly kind: string };
}

/** The manifests of the base. */
export function readManifests(): Manifest[] {
  return readdirSync(join(KUBERNETES, 'base'))
    .filter((file) => file !== 'kustomization.yaml')
    .map((file) => ({ file, content: readYaml(`base/${file}`) }));
}

export function readYaml(path: string) {
  return parse(readFileSync(join(KUBERNETES, path), 'utf8'));
}

/** A value that the Dockerfile states once, such as USER. */
export function ofImage(keyword: 'USER' | 'EXPOSE' | 'WORKDIR'): string {
  const last = instructions.findLast((one) => one.getKeyword() === keyword);
  return last?.getArgumentsContent() ?? '';
}
