/** What digits of any length are groups of; elsewhere only single digits are. */
export const ABOUT_KEYS =
  /dtmf|digit|key|press|tone|card|\bpan\b|input|collect|gather|enter|typed|dial/i;
