import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CallAudio, encodeOpus } from './call-audio.ts';
import { FliteVoice } from './flite-voice.ts';

/** `session_abc123`, the call of the API's documentation. */
const LENGTH_MS = 330_000;
const PARTIES = [
  {
    id: 'agent_xyz',
    voice: 'slt',
    startMs: 2_000,
    text: 'Hello! Thanks for calling. How can I help you today?',
  },
  {
    id: 'client_123',
    voice: 'rms',
    startMs: 5_000,
    text: "I'd like to know more about your pricing.",
  },
] as const;

/** Renders its two messages and silence for the rest of five and a half minutes. */
export async function recordExampleCall(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [index, { id, voice, startMs, text }] of PARTIES.entries()) {
    const audio = new CallAudio();
    audio.add(new FliteVoice(voice).speak(text).samples, startMs);
    encodeOpus(audio.render(LENGTH_MS), join(folder, `${id}.opus`), 100_000 + index);
  }
}
