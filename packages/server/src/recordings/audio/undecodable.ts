/** The data is damaged or not audio. */
export class UndecodableError extends Error {}

/** The audio may be valid, but we have no decoder for its format. */
export class UnknownFormatError extends UndecodableError {}

/** A decoder for the first of concatenated files would turn the rest into noise. */
export class MixedCodecsError extends UndecodableError {}
