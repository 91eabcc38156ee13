/** A WAVE of 16 bits: what `sample` says, from -1 to 1, of each channel at each frame. */
export function wavOf(
  rate: number,
  frames: number,
  channels: number,
  sample: (channel: number, at: number) => number,
): Buffer<ArrayBuffer> {
  const file = Buffer.alloc(44 + frames * channels * 2);
  file.write('RIFF', 0);
  file.writeUInt32LE(file.length - 8, 4);
  file.write('WAVEfmt ', 8);
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20);
  file.writeUInt16LE(channels, 22);
  file.writeUInt32LE(rate, 24);
  file.writeUInt32LE(rate * channels * 2, 28);
  file.writeUInt16LE(channels * 2, 32);
  file.writeUInt16LE(16, 34);
  file.write('data', 36);
  file.writeUInt32LE(file.length - 44, 40);
  for (let at = 0; at < frames * channels; at += 1) {
    const value = sample(at % channels, Math.floor(at / channels));
    file.writeInt16LE(Math.round(value * 0x7fff), 44 + at * 2);
  }
  return file;
}
