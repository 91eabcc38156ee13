import { UndecodableError } from '../undecodable.ts';

/** Identification header of Opus (RFC 7845, section 5.1). */
export interface OpusHead {
  readonly channels: number;
  readonly preSkip: number;
  /** 0: mono or stereo; 1: surround in Vorbis order. */
  readonly family: number;
  readonly streamCount: number;
  readonly coupledStreamCount: number;
  readonly channelMappingTable: number[];
}

export function parseOpusHead(packet: Buffer): OpusHead {
  if (packet.length < 19 || packet.toString('latin1', 0, 8) !== 'OpusHead') {
    throw new UndecodableError('no Opus header');
  }
  const channels = packet.readUInt8(9);
  const family = packet.readUInt8(18);
  const head = { channels, preSkip: packet.readUInt16LE(10), family };
  if (channels === 0 || (family === 0 && channels > 2)) throw new UndecodableError('Opus channels');
  if (family === 0) {
    const channelMappingTable = channels === 2 ? [0, 1] : [0];
    return { ...head, streamCount: 1, coupledStreamCount: channels - 1, channelMappingTable };
  }
  const channelMappingTable = [...packet.subarray(21, 21 + channels)];
  if (channelMappingTable.length < channels) throw new UndecodableError('Opus channels');
  return {
    ...head,
    streamCount: packet.readUInt8(19),
    coupledStreamCount: packet.readUInt8(20),
    channelMappingTable,
  };
}
