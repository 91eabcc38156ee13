import type { BlobWindow } from '../blob-window.ts';
import { MIN_GAP_SECONDS } from '../gaps.ts';
import {
  countFragmentTicks,
  type Fragment,
  newFragment,
  readFragmentHeader,
} from './mp4-fragments.ts';
import { type Box, countSampleTicks, type SampleTables } from './mp4-samples.ts';

const MAX_BOXES = 4_000_000;
const MAX_TRACKS = 64;
const MAX_DEPTH = 8;
const CONTAINERS = ['moov', 'trak', 'mdia', 'minf', 'stbl', 'edts', 'mvex', 'moof', 'traf'];

interface Track extends SampleTables {
  id: number;
  isAudio: boolean;
  isVideo: boolean;
  codec: string;
  timescale: number;
  /** Start in ticks of the track, duration in ticks of the movie. */
  edit: { from: number; ticks: number };
  fragmentTicks: number;
  firstFragmentAt: number | null;
}

interface Movie {
  timescale: number;
  tracks: Track[];
  fragment: Fragment;
  boxes: number;
  withFragments: boolean;
  isJoined: boolean;
  isUncertain: boolean;
}

export function isMp4(head: Buffer): boolean {
  return ['ftyp', 'styp'].includes(head.toString('latin1', 4, 8));
}

/**
 * MP4 (ISO/IEC 14496-12): sums the first audio track. null for concatenated files with fragments,
 * some of which decoders assign to the first file.
 */
export function measureMp4(blob: BlobWindow, start: number): number | null {
  if (!isMp4(blob.at(start, 8))) return null;
  const movie = readMovie(blob, start);
  if (movie.isUncertain) return null;
  const track = movie.tracks.find((candidate) => candidate.isAudio);
  if (!track || track.timescale === 0) return null;
  const ticks = track.fragmentTicks + countSampleTicks(blob, track);
  const seconds = Math.max(0, ticks - track.edit.from) / track.timescale;
  const edited = movie.timescale > 0 ? track.edit.ticks / movie.timescale : 0;
  return edited > 0 ? Math.min(edited, seconds) : seconds;
}

/** Chapter images are a track with the handler of a video. */
const PICTURES = ['jpeg', 'png ', 'mjpa', 'mjpb'];

export function hasMp4Video(blob: BlobWindow, start: number): boolean {
  const { tracks } = readMovie(blob, start, { withFragments: false });
  return tracks.some(({ isVideo, codec }) => isVideo && !PICTURES.includes(codec));
}

function readMovie(blob: BlobWindow, start: number, { withFragments = true } = {}): Movie {
  const fragment = newFragment();
  const movie: Movie = {
    timescale: 0,
    tracks: [],
    fragment,
    boxes: 0,
    withFragments,
    isJoined: false,
    isUncertain: false,
  };
  walk(blob, movie, { start, end: blob.size }, 0);
  return movie;
}

function walk(blob: BlobWindow, movie: Movie, { start, end }: Box, depth: number): void {
  for (let position = start; position + 8 <= end; ) {
    if (++movie.boxes > MAX_BOXES) return;
    const header = blob.at(position, 16);
    const type = header.toString('latin1', 4, 8);
    let size = header.readUInt32BE(0);
    let headerBytes = 8;
    if (size === 1) {
      size = Number(header.readBigUInt64BE(8));
      headerBytes = 16;
    } else if (size === 0) {
      size = end - position;
    }
    if (size < headerBytes) return;
    const next = Math.min(position + size, end);
    if (type === 'moof' && (movie.isJoined || !movie.withFragments)) {
      movie.isUncertain = movie.isJoined;
      return;
    }
    // Players and decoders stop before a concatenated file, unless it has fragments.
    movie.isJoined ||= type === 'moov' && movie.tracks.length > 0;
    if (movie.isJoined) {
      position = next;
      continue;
    }
    if (type === 'trak' && movie.tracks.push(newTrack()) > MAX_TRACKS) return;
    if (type === 'moof') movie.fragment.moof = position;
    const box = { start: position + headerBytes, end: next };
    if (CONTAINERS.includes(type) && depth < MAX_DEPTH) walk(blob, movie, box, depth + 1);
    else readBox(blob, movie, type, box);
    position = next;
  }
}

function newTrack(): Track {
  const edit = { from: 0, ticks: 0 };
  return {
    id: 0,
    isAudio: false,
    isVideo: false,
    codec: '',
    timescale: 0,
    edit,
    fragmentTicks: 0,
    firstFragmentAt: null,
  };
}

function readBox(blob: BlobWindow, movie: Movie, type: string, box: Box): void {
  const { fragment } = movie;
  const track = movie.tracks.at(-1) ?? newTrack();
  const head = blob.at(box.start, Math.min(box.end - box.start, 64));
  // Version 1 boxes start with two 64-bit times.
  const wide = head[0] === 1;
  switch (type) {
    case 'mvhd':
      movie.timescale = head.readUInt32BE(wide ? 20 : 12);
      break;
    case 'tkhd':
      track.id = head.readUInt32BE(wide ? 20 : 12);
      break;
    case 'mdhd':
      track.timescale = head.readUInt32BE(wide ? 20 : 12);
      break;
    case 'hdlr':
      // The handler of the metadata follows and is neither.
      track.isAudio ||= head.toString('latin1', 8, 12) === 'soun';
      track.isVideo ||= head.toString('latin1', 8, 12) === 'vide';
      break;
    case 'stsd':
      track.codec = head.toString('latin1', 12, 16);
      break;
    case 'elst':
      if (head.readUInt32BE(4) === 1) track.edit = readEdit(head, wide);
      break;
    case 'stts':
    case 'stsz':
    case 'stsc':
    case 'stco':
    case 'co64':
      track[type] = box;
      break;
    case 'trex':
    case 'tfhd':
      readFragmentHeader(fragment, type, head);
      break;
    case 'tfdt': {
      const owner = movie.tracks.find(({ id }) => id === fragment.trackId);
      if (owner) addPause(owner, wide ? Number(head.readBigUInt64BE(4)) : head.readUInt32BE(4));
      break;
    }
    case 'trun': {
      const owner = movie.tracks.find(({ id }) => id === fragment.trackId);
      const ticks = countFragmentTicks(blob, fragment, box);
      if (owner) owner.fragmentTicks += ticks;
      break;
    }
  }
}

function addPause(track: Track, ticks: number): void {
  track.firstFragmentAt ??= ticks;
  const late = ticks - track.firstFragmentAt - track.fragmentTicks;
  if (late >= MIN_GAP_SECONDS * track.timescale) track.fragmentTicks += late;
}

function readEdit(box: Buffer, wide: boolean): { from: number; ticks: number } {
  const ticks = wide ? Number(box.readBigUInt64BE(8)) : box.readUInt32BE(8);
  const from = wide ? Number(box.readBigInt64BE(16)) : box.readInt32BE(12);
  return { from: Math.max(from, 0), ticks };
}
