/** The engines and services whose calls connections take in. */
export const SOURCES = ['vapi'] as const;
export type SourceName = (typeof SOURCES)[number];
