import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { callActions } from '../../../test/fixtures/kept-calls.ts';
import { ADMIN_KEY, startTestServer, type TestServer } from '../../../test/servers/test-server.ts';
import { chainAll } from '../../server/src/access/audit/chain.ts';
import { namedJobs } from '../../server/src/rooms.ts';
import { runCli, runHere } from './run-cli.ts';

let testServer: TestServer;
let businessId: number;
let folder: string;
beforeAll(async () => {
  testServer = await startTestServer();
  folder = await mkdtemp(join(tmpdir(), 'colloquy-audit-'));
});
afterAll(async () => {
  await testServer[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});
const { finished, record } = callActions(() => ({ server: testServer, businessId }));
beforeEach(async () => {
  businessId = await testServer.newBusiness();
  for (let n = 0; n < 4; n += 1) await finished(1);
  await chainAll(testServer.app.ctx);
  testServer.clock.advance(7200);
  await record(await finished(1));
  await chainAll(testServer.app.ctx);
});

const command = () => ['verify-audit', '--business', `${businessId}`];
const server = () => ({ url: testServer.url, key: ADMIN_KEY });
const verify = (...args: string[]) => runHere([...command(), ...args], server());
const sql = (text: string) => testServer.sql.query(text.replaceAll('$1', `${businessId}`));
const valid = { code: 0, stderr: '', stdout: expect.stringContaining('is valid') };

it('verify-audit accepts a log, also after its subjects were erased', async () => {
  const run = await verify();
  expect(run).toMatchObject(valid);
  expect(run.stdout).toContain('entries  7');
  expect(run.stdout).toContain('up to entry 7, at 2026-03-01T');
  const sessionId = await finished(1);
  await verify();
  await testServer.admin.deleteConversation({ businessId, sessionId });
  await finished(1, {
    Clients: [{ ClientId: 'ada', ClientType: 'Web', JoinedAt: '2026-01-01T00:00:00Z' }],
  });
  const { ErasureId: erasureId } = await testServer.admin.createErasure({
    businessId,
    ClientId: 'client',
    Mode: 'Erase',
    Reason: 'asked',
  });
  await namedJobs(testServer.app.ctx)['erase-person']?.({ businessId, erasureId });
  const { rows } = await sql(
    `SELECT subject_kind FROM audit_entries WHERE business_id = $1 AND subject_kind = 'Conversation' AND subject_id IS NOT NULL`,
  );
  expect(rows).toEqual([]);
  expect(await verify()).toMatchObject(valid);
});

it('verify-audit accepts a log that grows during the check', async () => {
  let isDone = false;
  const writing = (async () => {
    while (!isDone) {
      await finished(1);
      await chainAll(testServer.app.ctx);
    }
  })();
  const run = await runCli(command(), server());
  isDone = true;
  await writing;
  expect(run).toMatchObject(valid);
});

describe('verify-audit detects', () => {
  const at = (number: number) => `WHERE business_id = $1 AND chain_no = ${number}`;
  it.each([
    ['a changed action', `UPDATE audit_entries SET action = 'HoldLifted' ${at(3)}`, 3],
    ['a changed time', `UPDATE audit_entries SET at = at + interval '1 s' ${at(2)}`, 2],
    ['a changed user', `UPDATE audit_entries SET user_id = 'user_x' ${at(5)}`, 5],
    ['a changed API key', `UPDATE audit_entries SET api_key_id = 'key_x' ${at(5)}`, 5],
    ['changed details', `UPDATE audit_entries SET details = '{"Status":"Failed"}' ${at(4)}`, 4],
    ['emptied details', `UPDATE audit_entries SET details = '{}' ${at(1)}`, 1],
    ['a changed subject hash', `UPDATE audit_entries SET subject_hash = 'x' ${at(3)}`, 3],
    ['a changed subject id', `UPDATE audit_entries SET subject_id = 'call_x' ${at(3)}`, 3],
    ['a changed hash', `UPDATE audit_entries SET hash = sha256('x') ${at(6)}`, 6],
    ['a removed entry', `DELETE FROM audit_entries ${at(3)}`, 3],
    ['a removed first entry', `DELETE FROM audit_entries ${at(1)}`, 1],
    ['a removed last entry', `DELETE FROM audit_entries ${at(7)}`, 7],
    ['the removal of all entries', 'DELETE FROM audit_entries WHERE business_id = $1', 1],
    [
      'two exchanged entries',
      `UPDATE audit_entries SET chain_no = -chain_no ${at(2)};
       UPDATE audit_entries SET chain_no = 2 ${at(3)};
       UPDATE audit_entries SET chain_no = 3 ${at(-2)}`,
      2,
    ],
    [
      'an inserted entry',
      `UPDATE audit_entries SET chain_no = -chain_no WHERE business_id = $1 AND chain_no > 3;
       UPDATE audit_entries SET chain_no = 1 - chain_no WHERE business_id = $1 AND chain_no < 0;
       INSERT INTO audit_entries SELECT business_id, 4, at, user_id, api_key_id, action, subject_kind,
         subject_hash, subject_id, details, hash FROM audit_entries ${at(3)}`,
      4,
    ],
    [
      'an entry appended without a signature',
      `INSERT INTO audit_entries SELECT business_id, 8, at, user_id, api_key_id, action, subject_kind,
         subject_hash, subject_id, details, hash FROM audit_entries ${at(7)}`,
      8,
    ],
    ['a changed head', `UPDATE audit_heads SET hash = sha256('x') ${at(5)}`, 5],
    ['a head moved to another entry', `UPDATE audit_heads SET chain_no = 4 ${at(5)}`, 4],
    [
      'truncation together with the newest head',
      `DELETE FROM audit_entries ${at(7)}; DELETE FROM audit_heads ${at(7)}`,
      6,
    ],
  ])('%s', async (_, tampering, number) => {
    await sql(tampering);
    const { code, stdout } = await verify();
    expect(stdout).toContain('is NOT valid');
    expect(stdout).toMatch(new RegExp(`entr(y|ies) ${number}\\b`));
    expect(code).toBe(1);
  });

  it('a chain that was recomputed and signed with another key', async () => {
    await sql(`DELETE FROM audit_entries WHERE business_id = $1 AND chain_no > 3;
       DELETE FROM audit_heads WHERE business_id = $1 AND chain_no > 3`);
    await finished(1);
    await using other = await startTestServer({
      connection: testServer.connection,
      secret: 'another-secret-0123456789abcdef012345',
    });
    await chainAll(other.app.ctx);
    const { code, stdout } = await verify();
    expect(stdout).toContain('is not signed by any of these keys');
    expect(code).toBe(1);
  });

  it('truncation with all newer heads, if --heads names a file with one of them', async () => {
    const heads = join(folder, 'heads.txt');
    expect(await verify('--heads', heads)).toMatchObject(valid);
    expect(await verify('--heads', heads)).toMatchObject(valid);
    const kept = await readFile(heads, 'utf8');
    expect(kept.trim().split('\n')).toHaveLength(1);
    await finished(1);
    expect(await verify('--heads', heads)).toMatchObject(valid);
    expect((await readFile(heads, 'utf8')).trim().split('\n')).toHaveLength(2);
    await sql(`DELETE FROM audit_entries WHERE business_id = $1 AND chain_no > 5;
       DELETE FROM audit_heads WHERE business_id = $1 AND chain_no > 5`);
    expect(await verify()).toMatchObject(valid);
    const { code, stdout } = await verify('--heads', heads);
    expect(stdout).toContain('entries 6 to 8 are missing');
    expect(code).toBe(1);
    await writeFile(heads, kept.replace(/\.[A-Za-z0-9_-]{20}/, '.AAAAAAAAAAAAAAAAAAAA'));
    expect((await verify('--heads', heads)).stdout).toContain('was altered');
  });
});

it('verify-audit reports an empty log, invalid options and missing access', async () => {
  const empty = 999_999;
  await testServer.sql.query(
    `INSERT INTO businesses (business_id, name, created_at) VALUES ($1, 'Empty', now())`,
    [empty],
  );
  const run = (args: string[], key = ADMIN_KEY) =>
    runHere(['verify-audit', ...args], { url: testServer.url, key });
  expect(await run(['--business', `${empty}`])).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('is empty'),
  });
  expect(await run([])).toMatchObject({ code: 2, stderr: expect.stringContaining('--business') });
  expect(await run(['--business', 'x'])).toMatchObject({ code: 2 });
  const looker = await testServer.newKey(businessId, { Settings: ['Editing'] });
  expect(await run(['--business', `${businessId}`], looker)).toMatchObject({ code: 1 });
});
