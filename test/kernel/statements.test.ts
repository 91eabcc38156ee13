import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
// Loads every module, so all statements are declared.
import '../../packages/server/src/app.ts';
import { declaredStatements as allDeclared } from '../../packages/server/src/kernel/postgres/database.ts';
import { goldenUrl } from '../goldens.ts';

/** Other test files may have declared statements in this process. */
const declaredStatements = () => allDeclared().filter(({ name }) => !name.startsWith('test.'));

/** These look for businesses with something to do, or know the user instead of the business. */
const ACROSS_BUSINESSES: Readonly<Record<string, string>> = {
  'access.businesses-with-pending-audit': 'finds the businesses whose audit events are not chained',
  'base.businesses-with-pending-ledger': 'finds the businesses whose erasures the ledger lacks',
  'changes.businesses-with-pending': 'finds the businesses whose changes are not numbered',
  'changes.businesses-with-old': 'finds the businesses whose log has old changes',
  'connectors.businesses-with-due': 'finds the businesses with deliveries to assemble',
  'connectors.businesses-with-removable': 'finds the businesses with deliveries to remove',
  'conversations.businesses-to-forget': 'finds the businesses with deletions of earlier releases',
  'conversations.businesses-with-ended': 'finds the businesses with conversations to seal',
  'conversations.businesses-with-silent': 'finds the businesses with conversations to end',
  'counts.businesses-with-deltas': 'finds the businesses with deltas to roll up',
  'queues.businesses-to-replan': 'finds the businesses with calls to plan',
  'queues.businesses-with-concealed': 'finds the businesses with deferrals to end',
  'queues.businesses-with-days-or-answers': 'finds the businesses with rows that expire',
  'queues.businesses-with-expired': 'finds the businesses with calls to expire',
  'queues.businesses-with-lapsed': 'finds the businesses with leases to end',
  'recordings.businessesWithoutPeaks': 'finds the businesses with recordings to decode',
  'retention.businesses-with-old-previews': 'finds the businesses with previews to expire',
  'retention.businesses-with-running': 'finds the businesses with erasures to continue',
  'retention.businesses-with-running-previews': 'finds the businesses with previews to continue',
  'webhooks.businesses-with-removable': 'finds the businesses with deliveries to remove',
  'access.businesses_with_redaction': 'pages through businesses for a job',
  'access.businesses_with_retention': 'pages through businesses for a job',
  'access.list_businesses': 'pages through businesses for a job or an admin',
  'access.find_invitation': 'an invitation is found by the hash of its token',
  'access.has_invitation': 'an invitation is found by the e-mail address of a user',
  'access.list_my_businesses': 'the businesses of a user',
  'access.standing': 'the standing of a key, with or without a business',
  'access.take_invitation': 'an invitation is found by the hash of its token',
  'access.take_invitations_of': 'invitations are found by the e-mail address of a user',
  'access.unusable_business': 'checks all businesses of a new key',
  'access.user_standing': 'the standing of a user outside of a business',
  'citus.page-businesses': 'pages through businesses for a job',
  'jobs.sum-backfills': 'sums the progress of all businesses for /metrics',
  'queues.find-watched-businesses': 'finds the businesses with calls to watch',
  'webhooks.businesses': 'finds the businesses that have webhooks',
  'webhooks.businesses-with-work': 'finds the businesses with events to send',
  'webhooks.sum-lag': 'sums the lag of all businesses for /metrics',
  'recordings.selectBusinessesToSweep': 'finds the businesses with blobs to sweep',
};

const WRITES_IN_PARTS: Readonly<Record<string, string>> = {
  'access.renew_lease': 'writes tables of the installation, which are not distributed',
};

const schema = readFileSync(goldenUrl('schema.sql'), 'utf8');
const FUNCTION =
  /^CREATE OR REPLACE FUNCTION public\.(\w+)\([\s\S]*?AS \$(\w*)\$([\s\S]*?)\$\2\$/gm;

/** With the name of the function. */
function statementsOfFunctions() {
  return [...schema.matchAll(FUNCTION)].flatMap(([, name = '', , body = '']) =>
    body.split(';').map((text) => ({ name, text })),
  );
}

const allStatements = () => [...declaredStatements(), ...statementsOfFunctions()];

function tenantTables(): string[] {
  const tables = [...schema.matchAll(/^CREATE (?:\w+ )?TABLE (\w+) \(([\s\S]*?)^\)/gm)];
  return tables.flatMap(([, name = '', body = '']) =>
    /PRIMARY KEY \(business_id\b/.test(body) ? [name] : [],
  );
}

const uses = (text: string, table: string) =>
  new RegExp(`\\b(FROM|JOIN|INTO|UPDATE)\\s+(ONLY\\s+)?${table}\\b`).test(text);
const namesBusiness = (text: string) =>
  /business_id = (\$1|business\b|ANY\()|\(business_id\b|business_id, /.test(text);

test('every statement on a table of a business names the business', () => {
  const tables = tenantTables();
  expect(tables.length).toBeGreaterThan(30);
  expect(statementsOfFunctions().length).toBeGreaterThan(30);
  const wrong = allStatements().filter(
    ({ name, text }) =>
      tables.some((table) => uses(text, table)) &&
      !namesBusiness(text) &&
      !(name in ACROSS_BUSINESSES),
  );
  expect(wrong.map(({ name }) => name)).toEqual([]);
});

test('every exception to naming the business is a statement that needs it', () => {
  const declared = new Map(declaredStatements().map(({ name, text }) => [name, text]));
  const unneeded = Object.keys(ACROSS_BUSINESSES).filter((name) =>
    namesBusiness(declared.get(name) ?? 'business_id = $1'),
  );
  expect(unneeded).toEqual([]);
});

test('no statement truncates or casts by the time zone of the session', () => {
  const zoned =
    /date_trunc\('\w+', (?!\S+(?:::timestamptz)? AT TIME ZONE)|::timestamp\b|localtime|current_date/i;
  const wrong = declaredStatements().filter(({ text }) => zoned.test(text));
  expect(wrong.map(({ name }) => name)).toEqual([]);
});

test('every write of a tenant is a single statement for one shard', () => {
  const writesInCte = /\bAS\s+(NOT\s+)?(MATERIALIZED\s+)?\(\s*(INSERT|UPDATE|DELETE)\b/i;
  const insertsArrays =
    /\bINSERT INTO((?!\bVALUES\b).)*\bSELECT\b.*\b(unnest|jsonb?_(to_recordset|array_elements|each)\w*)\(/is;
  // On a cluster these need a two-phase commit, which fails for all tenants if one worker is down.
  const wrong = allStatements().filter(
    ({ name, text }) =>
      (writesInCte.test(text) || insertsArrays.test(text)) && !(name in WRITES_IN_PARTS),
  );
  expect(wrong.map(({ name }) => name)).toEqual([]);
});

test('no statement compares a value in CASE, which Citus sends to a shard as another expression', () => {
  const tables = tenantTables();
  const wrong = allStatements().filter(
    ({ text }) => /\bCASE\s+(?!WHEN\b)/i.test(text) && tables.some((table) => uses(text, table)),
  );
  expect(wrong.map(({ name }) => name)).toEqual([]);
});
