/** The audio is damaged, or is none. */
export class UndecodableError extends Error {}

/** The audio may be sound, but no decoder here knows its format. */
export class UnknownFormatError extends UndecodableError {}

/** Joined files of several codecs: a decoder of the first would make noise of the rest. */
export class MixedCodecsError extends UndecodableError {}
