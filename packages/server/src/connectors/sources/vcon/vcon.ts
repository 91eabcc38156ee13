import type { Source } from '../source.ts';
import { VCON_END_REASONS } from './end-reasons.ts';
import { verifyVcon } from './signing/verify.ts';
import { identifyVcon, translateVcon } from './translate.ts';

export const vcon: Source = {
  name: 'vcon',
  verify: verifyVcon,
  // A vCon needs no signature, and one that has it may be signed by anybody.
  demandsKey: true,
  identify: identifyVcon,
  translate: translateVcon,
  endReasons: VCON_END_REASONS,
};
