import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ops } from '@colloquy/wire';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { startReceiver, withStatus } from '../fixtures/webhook-receiver.ts';
import { startWebhookServer, type WebhookServer, writer } from '../fixtures/webhook-server.ts';
import { ROOT, until } from '../servers/server-process.ts';
import { type Matcher, parseQuery, type Query } from './promql.ts';

/** That Prometheus adds to every series of a target. */
const TARGET_LABELS = ['job', 'instance'];
/** That Prometheus records about a target. */
const TARGET_METRICS = ['up'];

const file = (name: string) => readFile(join(ROOT, 'deploy/monitoring', name), 'utf8');

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly datasource?: { readonly uid: string };
  readonly gridPos: Readonly<Record<'x' | 'y' | 'w' | 'h', number>>;
  readonly fieldConfig?: { readonly defaults: { readonly unit: string } };
  readonly targets?: readonly {
    readonly expr: string;
    readonly legendFormat: string;
    readonly datasource: { readonly uid: string };
  }[];
}
interface Dashboard {
  readonly panels: readonly Panel[];
  readonly templating: {
    readonly list: readonly {
      readonly name: string;
      readonly type: string;
      readonly query: string;
    }[];
  };
}
interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}
interface Alerts {
  readonly groups: readonly { readonly name: string; readonly rules: readonly Rule[] }[];
}

type Labels = Readonly<Record<string, string>>;

/** The series of an answer of `/metrics`, by the name of their metric. */
function readSeries(text: string): Map<string, Labels[]> {
  const series = new Map<string, Labels[]>();
  for (const line of text.split('\n')) {
    const [, name = '', labels = ''] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? \S+$/.exec(line) ?? [];
    if (name === '') continue;
    const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)];
    const parsed = Object.fromEntries(pairs.map(([, key, value]) => [key, value]));
    series.set(name, [...(series.get(name) ?? []), parsed]);
  }
  return series;
}

let server: WebhookServer;
let series: Map<string, Labels[]>;
let dashboard: Dashboard;
let rules: readonly Rule[];

/** Requests, failures, background work and webhooks, so that every metric has a series. */
async function drive(): Promise<void> {
  await using receiver = await startReceiver();
  receiver.answer = withStatus(500);
  const businessId = await server.newBusiness();
  const Events = ['conversation.started' as const];
  await server.admin.createWebhook({ businessId, Url: receiver.url, Events });
  await writer(server, businessId).start('a');
  const Content = 'x'.repeat(1_000_000);
  await writer(server, businessId).say('a', 'long', Content);
  await expect(server.admin.getConversation({ businessId, sessionId: 'b' })).rejects.toThrow();
  await server.app.backfills.run();
  await until(async () => {
    const text = await (await fetch(`${server.url}/metrics`)).text();
    series = readSeries(text);
    const isParked = /^colloquy_webhook_deliveries_total\{status="parked"\} [1-9]/m.test(text);
    // Node reports a garbage collection some time after it.
    return isParked && series.has('nodejs_gc_duration_seconds_sum');
  });
}

beforeAll(async () => {
  server = await startWebhookServer({ webhookRetrySeconds: [] });
  await drive();
  dashboard = JSON.parse(await file('grafana-dashboard.json'));
  rules = (parse(await file('prometheus-alerts.yaml')) as Alerts).groups.flatMap(
    (group) => group.rules,
  );
});
afterAll(() => server[Symbol.asyncDispose]());

const labelsOf = (metric: string) =>
  new Set((series.get(metric) ?? []).flatMap((labels) => Object.keys(labels)));

/** Values that a request of this test cannot have, such as that of a failure of the server. */
const isOpenValue = ({ label, operator }: Matcher) =>
  TARGET_LABELS.includes(label) || label === 'op' || operator !== '=';

/** What a query names and the server does not have. */
function missingOf({ selectors, grouping }: Query): string[] {
  const missing: string[] = [];
  const known = new Set(TARGET_LABELS);
  for (const { metric, matchers } of selectors) {
    if (TARGET_METRICS.includes(metric)) continue;
    if (!series.has(metric)) missing.push(metric);
    for (const label of labelsOf(metric)) known.add(label);
    const own = new Set([...TARGET_LABELS, ...labelsOf(metric)]);
    for (const matcher of matchers) {
      const { label, value } = matcher;
      const name = `${metric}{${label}="${value}"}`;
      if (!own.has(label)) missing.push(name);
      if (label === 'op') missing.push(...unknownOps(value));
      if (isOpenValue(matcher)) continue;
      if (!series.get(metric)?.some((labels) => labels[label] === value)) missing.push(name);
    }
  }
  missing.push(...grouping.filter((label) => !known.has(label)));
  return missing;
}

function unknownOps(value: string): string[] {
  const names = Object.values(ops).map(({ name }) => String(name));
  return value.split('|').filter((name) => !names.includes(name));
}

describe('the Grafana dashboard', () => {
  const queries = () =>
    dashboard.panels.flatMap(({ title, targets = [] }) =>
      targets.map(({ expr, legendFormat }) => ({ title, expr, legendFormat })),
    );

  test('every metric and label of the dashboard exists', () => {
    expect(queries().length).toBeGreaterThan(25);
    for (const { title, expr } of queries()) {
      expect(missingOf(parseQuery(expr)), `${title}: ${expr}`).toEqual([]);
    }
  });

  test('legends of the dashboard name labels that their query keeps', () => {
    for (const { title, expr, legendFormat } of queries()) {
      const { grouping, selectors } = parseQuery(expr);
      const isGrouped = /\b(sum|max)\b/.test(expr);
      const kept = isGrouped
        ? grouping
        : [...TARGET_LABELS, ...selectors.flatMap(({ metric }) => [...labelsOf(metric)])];
      const named = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label);
      expect(
        named.filter((label) => !kept.includes(`${label}`)),
        title,
      ).toEqual([]);
    }
  });

  test('panels of the dashboard have an id, a title, a description, a unit and a place of their own', () => {
    const { panels } = dashboard;
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    expect(new Set(panels.map(({ title }) => title)).size).toBe(panels.length);
    const taken = new Set<string>();
    for (const { gridPos } of panels) {
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
          expect(taken.has(`${x},${y}`)).toBe(false);
          taken.add(`${x},${y}`);
        }
      }
    }
    for (const { type, title, description, fieldConfig, targets, datasource } of panels) {
      if (type === 'row') continue;
      expect(description, title).toBeTruthy();
      expect(fieldConfig?.defaults.unit, title).toBeTruthy();
      expect(targets?.length, title).toBeGreaterThan(0);
      for (const { uid } of [datasource, ...(targets ?? []).map((it) => it.datasource)].flatMap(
        (it) => it ?? [],
      )) {
        expect(uid).toMatch(/^\$\{datasource\}$/);
      }
    }
  });

  test('the variables of the dashboard choose the data source, the job and the servers', () => {
    const { list } = dashboard.templating;
    expect(list.map(({ name, type }) => [name, type])).toEqual([
      ['datasource', 'datasource'],
      ['job', 'query'],
      ['instance', 'query'],
    ]);
    for (const { query } of list.slice(1)) {
      const [, selector = '', label = ''] = /^label_values\((.+), (\w+)\)$/.exec(query) ?? [];
      expect(missingOf(parseQuery(selector))).toEqual([]);
      expect(TARGET_LABELS).toContain(label);
    }
  });
});

describe('the alert rules', () => {
  test('every metric and label of the rules exists', () => {
    expect(rules.length).toBeGreaterThan(10);
    for (const { alert, expr, annotations } of rules) {
      const query = parseQuery(expr);
      expect(missingOf(query), alert).toEqual([]);
      const texts = Object.values(annotations).join(' ');
      const named = [...texts.matchAll(/\$labels\.(\w+)/g)].map(([, label]) => `${label}`);
      const kept = /\b(sum|max)\b/.test(expr) ? query.grouping : TARGET_LABELS;
      expect(
        named.filter((label) => !kept.includes(label)),
        alert,
      ).toEqual([]);
    }
  });

  test('rules have a unique name, a severity, a summary and a description', () => {
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
    for (const { alert, labels, annotations, ...rule } of rules) {
      expect(Object.keys(rule).filter((key) => key !== 'expr' && key !== 'for')).toEqual([]);
      expect(alert).toMatch(/^Colloquy[A-Z]/);
      expect(['warning', 'critical']).toContain(labels.severity);
      expect(Object.keys(annotations).sort()).toEqual(['description', 'summary']);
      expect(rule.for ?? '1m').toMatch(/^\d+[mh]$/);
    }
  });

  test('the guide lists every rule', async () => {
    const page = await readFile(join(ROOT, 'docs/operations.md'), 'utf8');
    for (const { alert } of rules) expect(page).toContain(`\`${alert}\``);
  });

  test('the example of a configuration loads the rules for the job that they name', async () => {
    const example = parse(await file('prometheus.yaml'));
    expect(example.rule_files).toEqual(['prometheus-alerts.yaml']);
    expect(example.scrape_configs[0].job_name).toBe('colloquy');
    const jobs = rules.flatMap(({ expr }) =>
      parseQuery(expr).selectors.map(
        ({ matchers }) => matchers.find(({ label }) => label === 'job')?.value,
      ),
    );
    expect(new Set(jobs)).toEqual(new Set(['colloquy']));
  });
});

describe('the metrics of jobs', () => {
  const metric = async (name: string) => {
    const text = await (await fetch(`${server.url}/metrics`)).text();
    return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
  };

  test('the metrics show late jobs and failing ones', async () => {
    await server.sql.query(
      'SELECT graphile_worker.complete_jobs(array_agg(id)) FROM graphile_worker.jobs',
    );
    expect(await metric('colloquy_jobs_late_seconds')).toBe(0);
    await server.sql.query(
      `SELECT graphile_worker.add_job('seal-ended', run_at => now() + interval '1 hour')`,
    );
    expect(await metric('colloquy_jobs_late_seconds')).toBe(0);
    await server.sql.query(
      `SELECT graphile_worker.add_job('seal-ended', run_at => now() - interval '10 minutes')`,
    );
    expect(await metric('colloquy_jobs_late_seconds')).toBeGreaterThanOrEqual(600);
    expect(await metric('colloquy_jobs_failing')).toBe(0);
    await server.sql.query(
      `SELECT graphile_worker.permanently_fail_jobs(array_agg(id), 'out of luck')
       FROM graphile_worker.jobs WHERE run_at < now()`,
    );
    await server.sql.query(
      `SELECT graphile_worker.add_job('draw-peaks', run_at => now() - interval '1 hour', queue_name => 'peaks')`,
    );
    // It is not tried again, and waveforms may wait.
    expect(await metric('colloquy_jobs_late_seconds')).toBe(0);
    expect(await metric('colloquy_jobs_failing')).toBe(1);
  });

  test('the metrics show for how long no worker has run', async () => {
    await server.sql.query(
      `INSERT INTO graphile_worker._private_known_crontabs (identifier, known_since, last_execution)
       VALUES ('old', now(), now() - interval '10 minutes')`,
    );
    const age = await metric('colloquy_minute_jobs_age_seconds');
    expect(age).toBeGreaterThanOrEqual(600);
    expect(age).toBeLessThan(700);
    await server.sql.query(
      'UPDATE graphile_worker._private_known_crontabs SET last_execution = now()',
    );
    expect(await metric('colloquy_minute_jobs_age_seconds')).toBeLessThan(300);
  });
});

describe('the reader of queries', () => {
  test('a query that is not PromQL is refused', () => {
    expect(() => parseQuery('sum(rate(a{b="c"}[5m])')).toThrow('is no PromQL');
  });

  test('an unknown metric, label or operation is found', () => {
    const missing = (text: string) => missingOf(parseQuery(text));
    expect(missing('colloquy_nothing')).toEqual(['colloquy_nothing']);
    expect(missing('sum by (shop) (colloquy_streams_open)')).toEqual(['shop']);
    expect(missing('colloquy_db_pool_connections{state="lost"}')).toHaveLength(1);
    expect(missing('colloquy_request_seconds_count{op=~"GetConversation|Nothing"}')).toEqual([
      'Nothing',
    ]);
  });
});
