/** By the configuration in the first byte, at 48 kHz (RFC 6716, section 3.1). */
function frameSamples(config: number): number {
  if (config < 12) return [480, 960, 1920, 2880][config % 4] ?? 0;
  if (config < 16) return [480, 960][config % 2] ?? 0;
  return [120, 240, 480, 960][config % 4] ?? 0;
}

const MAX_PACKET_SAMPLES = 5_760;

/** At 48 kHz, from the first two bytes; 0 if invalid. */
export function opusSamples(packet: Uint8Array): number {
  const [toc, count] = packet;
  if (toc === undefined) return 0;
  const code = toc & 3;
  const frames = code === 0 ? 1 : code < 3 ? 2 : (count ?? 0) & 0x3f;
  const samples = frames * frameSamples(toc >> 3);
  return samples <= MAX_PACKET_SAMPLES ? samples : 0;
}

/** 1,275 bytes for each of at most 48 frames. */
export const MAX_OPUS_PACKET_BYTES = 61_440;
