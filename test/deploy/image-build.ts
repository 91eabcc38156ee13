import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, delimiter, join, resolve } from 'node:path';
import dockerignore from '@balena/dockerignore';
import { type Copy, DockerfileParser, type Env, type From } from 'dockerfile-ast';
import { ROOT } from '../servers/server-process.ts';

export const DOCKERFILE = readFileSync(join(ROOT, 'Dockerfile'), 'utf8');
export const instructions = DockerfileParser.parse(DOCKERFILE).getInstructions();

/** Of `["program", "argument"]`. */
const words = (text: string): string[] => JSON.parse(text);

export interface User {
  readonly uid: number;
  readonly gid: number;
}

/** The result of the Dockerfile's steps; a folder stands for `/`. */
export interface BuiltImage {
  readonly root: string;
  readonly env: Readonly<Record<string, string>>;
  /** undefined: this process is not root, so everything runs as its user. */
  readonly user: User | undefined;
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  readonly health: readonly string[];
  /** Where a path of the image is. */
  at(path: string): string;
}

/** The files that a build may copy, relative to the repository. */
export function contextFiles(folder = ''): string[] {
  const ignored = dockerignore.default().add(readFileSync(join(ROOT, '.dockerignore'), 'utf8'));
  const walk = (path: string): string[] =>
    readdirSync(join(ROOT, path), { withFileTypes: true }).flatMap((entry) => {
      const inside = join(path, entry.name);
      // Large, and ignored as a whole.
      if (entry.name === 'node_modules' || entry.name === '.git') return [];
      if (entry.isDirectory()) return walk(inside);
      return ignored.ignores(inside) ? [] : [inside];
    });
  return walk(folder);
}

export const isRoot = process.getuid?.() === 0;

class Stage {
  readonly root: string;
  readonly env: Record<string, string> = {};
  workdir = '/';
  user: User | undefined;

  constructor(root: string, parent: Stage | undefined) {
    this.root = root;
    mkdirSync(root, { recursive: true });
    if (parent) {
      cpSync(parent.root, root, { recursive: true, verbatimSymlinks: true });
      Object.assign(this, { env: { ...parent.env }, workdir: parent.workdir, user: parent.user });
      return;
    }
    for (const path of ['/var/lib', '/tmp']) mkdirSync(this.at(path), { recursive: true });
    chmodSync(this.at('/tmp'), 0o777);
  }

  at(path: string): string {
    return path.startsWith('/') ? join(this.root, path) : resolve(this.root + this.workdir, path);
  }

  /** Absolute paths of the image become paths in its folder. */
  translate(text: string): string {
    return text.replaceAll(/(^|[\s=:"'])(?=\/(?:opt|var|tmp)\/)/g, `$1${this.root}`);
  }

  environment(): Record<string, string> {
    const outside = (process.env.PATH ?? '').split(delimiter);
    const path = [
      join(this.root, '../bin'),
      // A tool that only this checkout has must not be found.
      ...outside.filter((folder) => !folder.endsWith('node_modules/.bin')),
    ].join(delimiter);
    const own = Object.entries(this.env).map(([name, value]) => {
      return [name, this.translate(value).replace('$PATH', path)];
    });
    return { PATH: path, ...Object.fromEntries(own) };
  }

  async run(command: string): Promise<void> {
    const child = spawn('sh', ['-c', `umask 022\n${ownedByUs(this.translate(command))}`], {
      cwd: this.at('.'),
      env: { ...npmSettings(), HOME: process.env.HOME, ...this.environment() },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(isRoot && this.user),
    });
    const printed: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (data) => printed.push(data));
    const [code] = await once(child, 'close');
    if (code !== 0)
      throw new Error(`RUN ${command}\n${Buffer.concat(printed).toString().slice(-3000)}`);
  }
}

/** Another user than root can only give files to itself. */
function ownedByUs(command: string): string {
  return isRoot
    ? command
    : command.replaceAll('1000:1000', `${process.getuid?.()}:${process.getgid?.()}`);
}

/** Settings for the registry, and the packages that the install of this checkout has downloaded. */
function npmSettings(): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) =>
    /^(npm_config_(registry|cache|userconfig|globalconfig|cafile)|\w+_proxy|\w+_CA_CERTS|SSL_CERT_\w+)$/i.test(
      name,
    ),
  );
  return { ...Object.fromEntries(inherited), npm_config_prefer_offline: 'true' };
}

function copyInto(stage: Stage, copy: Copy, stages: ReadonlyMap<string, Stage>): void {
  const paths = copy.getArguments().map((argument) => argument.getValue());
  const target = paths.pop() ?? '';
  const from = copy.getFromFlag()?.getValue();
  for (const path of paths) {
    const source = from === undefined || from === null ? null : stages.get(from);
    const isFolder = statSync(source ? source.at(path) : join(ROOT, path)).isDirectory();
    const to = stage.at(target.endsWith('/') && !isFolder ? join(target, basename(path)) : target);
    if (source) {
      mkdirSync(to, { recursive: true });
      // Hard links, because no later step changes a copied file.
      execFileSync('cp', ['-al', `${source.at(path)}/.`, to]);
      continue;
    }
    for (const file of isFolder ? contextFiles(path) : [path]) {
      cpSync(join(ROOT, file), isFolder ? join(to, file.slice(path.length)) : to);
    }
  }
}

/** Runs all steps of the Dockerfile in `folder`, as a container engine does, but without isolation. */
export async function buildImage(folder: string): Promise<BuiltImage> {
  // The base image has Node. The user of the image must be able to execute it.
  mkdirSync(join(folder, 'bin'));
  cpSync(process.execPath, join(folder, 'bin/node'));
  const stages = new Map<string, Stage>();
  let stage = new Stage(join(folder, 'none'), undefined);
  let entrypoint: string[] = [];
  let cmd: string[] = [];
  let health: string[] = [];
  for (const instruction of instructions) {
    const text = instruction.getArgumentsContent() ?? '';
    switch (instruction.getKeyword()) {
      case 'FROM': {
        const from = instruction as From;
        const name = from.getBuildStage() ?? 'image';
        stage = new Stage(join(folder, name), stages.get(from.getImage() ?? ''));
        stages.set(name, stage);
        break;
      }
      case 'WORKDIR':
        stage.workdir = text;
        mkdirSync(stage.at('.'), { recursive: true });
        break;
      case 'COPY':
        copyInto(stage, instruction as Copy, stages);
        break;
      case 'ENV':
        for (const property of (instruction as Env).getProperties()) {
          stage.env[property.getName()] = property.getValue() ?? '';
        }
        break;
      case 'USER': {
        const [uid = Number.NaN, gid = Number.NaN] = text.split(':').map(Number);
        stage.user = { uid, gid };
        break;
      }
      case 'RUN':
        await stage.run(text);
        break;
      case 'ENTRYPOINT':
        entrypoint = words(text);
        break;
      case 'CMD':
        cmd = words(text);
        break;
      case 'HEALTHCHECK':
        health = words(text.replace(/^CMD /, ''));
        break;
      case 'EXPOSE':
      case 'LABEL':
        break;
      default:
        throw new Error(`the test cannot run ${instruction.getKeyword()}`);
    }
  }
  const { root, user } = stage;
  return {
    root,
    env: stage.environment(),
    user: isRoot ? user : undefined,
    entrypoint,
    cmd,
    health,
    at: (path) => stage.at(path),
  };
}
