import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import type { IDeployment } from 'kubernetes-models/apps/v1';
import type { IJob } from 'kubernetes-models/batch/v1';
import type { IPodDisruptionBudget } from 'kubernetes-models/policy/v1';
import type { IService } from 'kubernetes-models/v1';
import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { readConfig } from '../../packages/server/src/config.ts';
import { settingsRead } from '../fixtures/settings.ts';
import { ROOT } from '../servers/server-process.ts';
import { KUBERNETES, ofImage, readManifests, readYaml } from './manifests.ts';

const run = promisify(execFile);
const manifests = readManifests();
const hasKubectl = (process.env.PATH ?? '')
  .split(delimiter)
  .some((folder) => existsSync(join(folder, 'kubectl')));
if (!hasKubectl) console.log('Left out: building the manifests with kustomize (no kubectl).');

const contentOf = <Kind>(kind: string) => {
  const found = manifests.find(({ content }) => content.kind === kind);
  if (!found) throw new Error(`there is no ${kind}`);
  return found.content as Kind;
};
const deployment = contentOf<IDeployment>('Deployment').spec;
const job = contentOf<IJob>('Job').spec;
const pods = [deployment?.template.spec, job?.template.spec];
const containers = pods.flatMap((pod) => pod?.containers ?? []);
const [server] = deployment?.template.spec?.containers ?? [];

describe('the manifests', () => {
  test.each(manifests)('$file is valid by the schema of Kubernetes', async ({ content }) => {
    const models = await import(`kubernetes-models/${content.apiVersion}`);
    expect(() => new models[content.kind](content).validate()).not.toThrow();
  });

  test('no manifest has an unknown field', async () => {
    // The schemas allow unknown fields, the types do not.
    const checks = manifests.map(({ content: { apiVersion, kind, ...rest } }, index) => {
      const type = `import('kubernetes-models/${apiVersion}').I${kind}`;
      const value = JSON.stringify({ apiVersion, kind, ...rest });
      return `export const manifest${index}: ${type} = ${value};`;
    });
    expect(await typeErrors(checks)).toBe('');
    const wrong = checks.map((check) =>
      check.replace('"serviceAccountName"', '"serviceAccuntName"'),
    );
    expect(await typeErrors(wrong)).toContain('serviceAccuntName');
  });

  test('the base lists every manifest of its folder', async () => {
    const { resources } = readYaml('base/kustomization.yaml');
    const files = (await readdir(join(KUBERNETES, 'base'))).sort();
    expect(['kustomization.yaml', ...resources].sort()).toEqual(files);
    expect(readYaml('example/kustomization.yaml').resources).toEqual(['../base']);
  });

  test.runIf(hasKubectl)('kustomize builds the example with its image and settings', async () => {
    const { stdout } = await run('kubectl', ['kustomize', join(KUBERNETES, 'example')]);
    const built = parseAllDocuments(stdout).map((document) => document.toJS());
    expect(built.map(({ kind }) => kind).sort()).toEqual(
      [...manifests.map(({ content }) => content.kind), 'ConfigMap'].sort(),
    );
    const settings = built.find(({ kind }) => kind === 'ConfigMap').metadata.name;
    expect(settings).toMatch(/^colloquy-\w{10}$/);
    for (const kind of ['Deployment', 'Job']) {
      const [container] = built.find((one) => one.kind === kind).spec.template.spec.containers;
      expect(container.image).toMatch(/^registry\.example\.com\/colloquy:/);
      expect(container.envFrom).toEqual([{ configMapRef: { name: settings } }]);
    }
  });
});

describe('the pods', () => {
  test('every variable of the pods is a setting, and the server accepts the values of the example', () => {
    const named = containers.flatMap(({ env = [] }) => env.map(({ name }) => name));
    expect(named.length).toBeGreaterThan(4);
    const aws = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'];
    expect([...settingsRead(), ...aws]).toEqual(expect.arrayContaining(named));
    for (const { env = [] } of containers) {
      for (const { name, value, valueFrom } of env) {
        expect([value, valueFrom?.secretKeyRef?.key]).toEqual([undefined, name]);
      }
    }
    const [{ literals }] = readYaml('example/kustomization.yaml').configMapGenerator;
    const settings = Object.fromEntries(literals.map((line: string) => line.split(/=(.*)/, 2)));
    expect(settingsRead()).toEqual(expect.arrayContaining(Object.keys(settings)));
    const secret = { SECRET: 'x'.repeat(64), DATABASE_URL: 'postgres://colloquy@db/colloquy' };
    expect(() => readConfig({ ...settings, ...secret })).not.toThrow();
  });

  test('the job gets the same settings as the server, except for the first admin key', () => {
    const [ofServer, ofJob] = containers.map(({ env = [] }) => env);
    expect(ofJob).toEqual(ofServer?.filter(({ name }) => name !== 'BOOTSTRAP_API_KEY'));
    expect(ofJob?.map(({ name }) => name)).toContain('OIDC_CLIENT_SECRET');
  });

  test('the arguments are commands that the test of the image runs', () => {
    expect(containers.map(({ args }) => args)).toEqual([['all'], ['migrate']]);
  });

  test('ports and probes are those of the server', async () => {
    const port = { name: 'http', containerPort: Number(ofImage('EXPOSE')) };
    expect(server?.ports).toEqual([port]);
    const probes = [server?.startupProbe, server?.livenessProbe, server?.readinessProbe];
    const gets = probes.map((probe) => probe?.httpGet);
    expect(gets.map((get) => get?.path)).toEqual(['/healthz', '/healthz', '/readyz']);
    expect(new Set(gets.map((get) => get?.port))).toEqual(new Set([port.name]));
    const contract = await readFile(join(ROOT, 'packages/server/goldens/openapi.json'), 'utf8');
    const { paths } = JSON.parse(contract);
    for (const get of gets) expect(paths).toHaveProperty([get?.path ?? '', 'get']);
    expect(contentOf<IService>('Service').spec?.ports?.[0]?.targetPort).toBe(port.name);
  });

  test('service, disruption budget and deployment select the same pods', () => {
    const labels = { 'app.kubernetes.io/component': 'server' };
    expect(deployment?.template.metadata?.labels).toEqual(labels);
    expect(deployment?.selector.matchLabels).toEqual(labels);
    expect(contentOf<IService>('Service').spec?.selector).toEqual(labels);
    const budget = contentOf<IPodDisruptionBudget>('PodDisruptionBudget').spec;
    expect(budget?.selector?.matchLabels).toEqual(labels);
    expect(Number(budget?.minAvailable)).toBeLessThan(deployment?.replicas ?? 0);
  });

  test('a pod gets more time to stop than the server gives to requests in progress', () => {
    const pause = server?.lifecycle?.preStop?.sleep?.seconds ?? 0;
    const grace = deployment?.template.spec?.terminationGracePeriodSeconds ?? 0;
    expect(grace - pause).toBeGreaterThan(35);
  });

  test('no pod has privileges, and each states its memory and processor time', () => {
    const [uid, gid] = ofImage('USER').split(':').map(Number);
    for (const pod of pods) {
      expect(pod?.securityContext).toMatchObject({
        runAsNonRoot: true,
        runAsUser: uid,
        runAsGroup: gid,
        seccompProfile: { type: 'RuntimeDefault' },
      });
      expect(pod?.automountServiceAccountToken).toBe(false);
      expect(pod?.enableServiceLinks).toBe(false);
    }
    for (const container of containers) {
      expect(container.securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
      expect(container.resources).toEqual({
        requests: { cpu: expect.any(String), memory: expect.any(String) },
        limits: { memory: expect.any(String) },
      });
    }
  });
});

/** What the compiler prints for these lines of TypeScript. */
async function typeErrors(lines: readonly string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'colloquy-manifests-'));
  try {
    await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    await writeFile(join(folder, 'package.json'), '{"type": "module"}');
    await writeFile(join(folder, 'manifests.ts'), lines.join('\n'));
    const compilerOptions = { noEmit: true, strict: true, module: 'nodenext', skipLibCheck: true };
    const config = { compilerOptions, include: ['*.ts'] };
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config));
    const compiler = join(ROOT, 'node_modules/typescript/lib/tsc.js');
    const checked = await run(process.execPath, [compiler, '-p', folder]).catch((error) => error);
    return checked.stdout;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
