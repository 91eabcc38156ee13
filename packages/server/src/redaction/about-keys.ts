/** Keys whose values may be groups of several digits; other values are split into single digits. */
export const ABOUT_KEYS =
  /dtmf|digit|key|press|tone|card|\bpan\b|input|collect|gather|enter|typed|dial/i;
