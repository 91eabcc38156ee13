/** The data is damaged or not audio. */
export class UndecodableError extends Error {}

/** The audio may be valid, but we have no decoder for its format. */
export class UnknownFormatError extends UndecodableError {}

/** Concatenated files with several codecs: a decoder for the first would turn the rest into noise. */
export class MixedCodecsError extends UndecodableError {}
