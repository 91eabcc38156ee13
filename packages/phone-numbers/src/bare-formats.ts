/** How the library writes some numbers of a country. */
export interface Format {
  pattern(): string;
  leadingDigitsPatterns(): readonly string[];
  nationalPrefixIsOptionalWhenFormattingInNationalFormat(): boolean;
  usesNationalPrefix(): boolean;
}

interface ReadFormat {
  readonly isOf: (digits: string) => boolean;
  /** How many digits each group has, at least and at most. */
  readonly sizes: readonly (readonly [least: number, most: number])[];
  readonly isBare: boolean;
}

/** Tells which numbers of a country are usually written without its national prefix. */
export class BareFormats {
  readonly #formats: readonly ReadFormat[];

  constructor(formats: readonly Format[]) {
    this.#formats = formats.map(readFormat);
  }

  /** Whether a number is usually written so. */
  has(digits: string): boolean {
    return this.#formatOf(digits)?.isBare ?? false;
  }

  /** Whether it is, and its groups are those in which it is written. */
  hasGroups(digits: string, groups: readonly number[]): boolean {
    const format = this.#formatOf(digits);
    if (!format?.isBare || groups.length < 2 || groups.length !== format.sizes.length) return false;
    return format.sizes.every(([least, most], at) => {
      const size = groups[at] ?? 0;
      return least <= size && size <= most;
    });
  }

  #formatOf(digits: string): ReadFormat | undefined {
    return this.#formats.find(({ isOf }) => isOf(digits));
  }
}

const GROUP = /\\d(?:\{(\d+)(?:,(\d+))?\})?/g;

function readFormat(format: Format): ReadFormat {
  const start = new RegExp(`^(?:${format.leadingDigitsPatterns().at(-1) ?? ''})`);
  const whole = new RegExp(`^(?:${format.pattern()})$`);
  const sizes = [...format.pattern().matchAll(GROUP)].map(
    ([, least = '1', most = least]) => [Number(least), Number(most)] as const,
  );
  return {
    isOf: (digits) => start.test(digits) && whole.test(digits),
    sizes,
    isBare:
      !format.usesNationalPrefix() ||
      format.nationalPrefixIsOptionalWhenFormattingInNationalFormat(),
  };
}
