/** Makes the demo: conversations and their recordings, from public dialogues and flite's voices. */
import { execFileSync } from 'node:child_process';
import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { encodeOpus, mixTracks } from './call-audio.ts';
import { DemoCall } from './demo-call.ts';
import { DemoDialogues, serviceOf } from './demo-dialogues.ts';
import {
  agentFor,
  COFFEE_AGENT,
  clientsFor,
  type DemoAgent,
  type DemoClient,
  DOCTOR,
} from './demo-people.ts';
import { type CallPlan, chooseStartTimes, isLive, listPlans } from './demo-plan.ts';
import { DataSetError, type Dialogue } from './dialogue.ts';
import { recordExampleCall } from './example-call.ts';
import { describeFailure } from './failure.ts';
import { SeededRandom } from './seeded-random.ts';

const HELP = `Usage: node samples/render-demo.ts <data folder> [output folder]

Makes the demo's conversations and speaks their recordings. Needs flite and
opusenc (Debian: apt-get install flite opus-tools). The output folder, by
default samples/demo, is replaced.`;

const ANCHOR = '2026-11-18T20:00:00Z';
const SEED = 20_261_118;
/** The time between the last event of a live call and the anchor. */
const LIVE_QUIET_MS = 2_000;

interface PlacedCall {
  call: DemoCall;
  startMs: number;
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { help: { type: 'boolean', short: 'h' } },
  });
  if (values.help) return console.log(HELP);
  const [dataFolder, outputFolder = join(import.meta.dirname, 'demo'), ...rest] = positionals;
  if (dataFolder === undefined || rest.length > 0) {
    throw new DataSetError('Give a data folder, or --help for more.');
  }
  if (!(await stat(dataFolder).catch(() => null))?.isDirectory()) {
    throw new DataSetError(`The data folder ${dataFolder} does not exist or is not a folder.`);
  }
  requireProgram('flite', '--version');
  requireProgram('opusenc', '--version');

  const calls = await makeCalls(dataFolder);
  await rm(join(outputFolder, 'recordings'), { recursive: true, force: true });
  await mkdir(join(outputFolder, 'recordings'), { recursive: true });
  const lines: string[] = [];
  for (const [index, { call, startMs }] of calls.entries()) {
    const id = `session_demo_${String(index + 1).padStart(3, '0')}`;
    lines.push(`${JSON.stringify(call.toBody(id, startMs))}\n`);
    if (call.hasRecordings) await record(call, join(outputFolder, 'recordings', id), index);
  }
  await recordExampleCall(join(outputFolder, 'recordings', 'session_abc123'));
  await writeFile(join(outputFolder, 'conversations.ndjson'), lines.join(''));
  const manifest = `${JSON.stringify({ Anchor: ANCHOR }, null, 2)}\n`;
  await writeFile(join(outputFolder, 'manifest.json'), manifest);
  const recorded = calls.filter(({ call }) => call.hasRecordings).length;
  console.log(`${outputFolder}: ${calls.length} conversations, ${recorded} with recordings`);
}

async function makeCalls(dataFolder: string): Promise<PlacedCall[]> {
  const random = new SeededRandom(SEED);
  const anchorMs = Date.parse(ANCHOR);
  const dialogues = await DemoDialogues.read(dataFolder);
  const plans = listPlans();
  const finished = plans.filter((plan) => !isLive(plan.ending));
  const startTimes = chooseStartTimes(finished.length, anchorMs, random);
  const calls: PlacedCall[] = [];
  for (const plan of plans) {
    const dialogue = dialogues.take(plan);
    const agent = chooseAgent(plan, dialogue);
    const client = chooseClient(plan, agent, random);
    const call = new DemoCall({ plan, dialogue, agent, client }, random);
    // A live call ends at the anchor, so its length determines its start.
    const startMs = isLive(plan.ending)
      ? anchorMs - call.durationMs - LIVE_QUIET_MS
      : startTimes.splice(random.between(0, startTimes.length - 1), 1)[0];
    if (startMs === undefined) throw new RangeError('There are fewer start times than calls.');
    calls.push({ call, startMs });
    console.log(`${calls.length} of ${plans.length}: ${plan.initiation}, ${plan.ending}`);
  }
  return calls.sort((a, b) => a.startMs - b.startMs);
}

function chooseAgent(plan: CallPlan, dialogue: Dialogue): DemoAgent {
  if (plan.source === 'taskmaster4') return COFFEE_AGENT;
  if (plan.source === 'primock57') return DOCTOR;
  return agentFor(serviceOf(dialogue));
}

function chooseClient(plan: CallPlan, agent: DemoAgent, random: SeededRandom): DemoClient {
  const client = random.pick(clientsFor(agent));
  // The patients of the mock consultations mention their own names.
  if (plan.upstreamId !== undefined) {
    return { ...client, id: `client_${plan.upstreamId}`, name: 'Mock patient' };
  }
  return client;
}

/** One file per speaking party. All are as long as the call, so they can be played together. */
async function record(call: DemoCall, folder: string, index: number): Promise<void> {
  await mkdir(folder);
  const tracks: Int16Array[] = [];
  for (const [participantId, audio] of call.timeline.audio) {
    const track = audio.render(call.durationMs);
    tracks.push(track);
    encodeOpus(track, join(folder, `${participantId}.opus`), index * 10 + tracks.length);
  }
  if (call.plan.mixed) encodeOpus(mixTracks(tracks), join(folder, '_mixed.opus'), index * 10);
}

function requireProgram(name: string, option: string): void {
  try {
    execFileSync(name, [option], { stdio: 'ignore' });
  } catch (error) {
    // Ignores the unusual exit code of flite --version; only a missing program matters.
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      throw new DataSetError(`The program ${name} is not installed; --help says how to get it.`);
    }
  }
}

try {
  await main();
} catch (error) {
  console.error(describeFailure(error));
  process.exitCode = 1;
}
