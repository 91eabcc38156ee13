import type { Source } from '../source.ts';
import { VAPI_END_REASONS } from './end-reasons.ts';
import { identifyVapi, translateVapi } from './translate.ts';
import { verifyVapi } from './verify.ts';

export const vapi: Source = {
  name: 'vapi',
  verify: verifyVapi,
  identify: identifyVapi,
  translate: translateVapi,
  endReasons: VAPI_END_REASONS,
};
