import type { SourceName } from '@colloquy/wire';
import { bland } from './bland/bland.ts';
import { elevenlabs } from './elevenlabs/elevenlabs.ts';
import { livekit } from './livekit/livekit.ts';
import { openai } from './openai/openai.ts';
import { pipecat } from './pipecat/pipecat.ts';
import { retell } from './retell/retell.ts';
import type { Source } from './source.ts';
import { twilio } from './twilio/twilio.ts';
import { vapi } from './vapi/vapi.ts';
import { vcon } from './vcon/vcon.ts';

export const SOURCES_BY_NAME: Readonly<Record<SourceName, Source>> = {
  vapi,
  retell,
  elevenlabs,
  bland,
  twilio,
  livekit,
  pipecat,
  openai,
  vcon,
};
