export interface Format {
  pattern(): string;
  leadingDigitsPatterns(): readonly string[];
  nationalPrefixIsOptionalWhenFormattingInNationalFormat(): boolean;
  usesNationalPrefix(): boolean;
}

interface ReadFormat {
  readonly isOf: (digits: string) => boolean;
  /** The minimum and maximum of digits of each group. */
  readonly sizes: readonly (readonly [min: number, max: number])[];
  readonly isBare: boolean;
}

/** The numbers of a country that are usually written without its national prefix. */
export class BareFormats {
  readonly #formats: readonly ReadFormat[];

  constructor(formats: readonly Format[]) {
    this.#formats = formats.map(readFormat);
  }

  has(digits: string): boolean {
    return this.#formatOf(digits)?.isBare ?? false;
  }

  /** The same, with the usual groups. */
  hasGroups(digits: string, groups: readonly number[]): boolean {
    const format = this.#formatOf(digits);
    if (!format?.isBare || groups.length < 2 || groups.length !== format.sizes.length) return false;
    return format.sizes.every(([min, max], at) => {
      const size = groups[at] ?? 0;
      return min <= size && size <= max;
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
    ([, min = '1', max = min]) => [Number(min), Number(max)] as const,
  );
  return {
    isOf: (digits) => start.test(digits) && whole.test(digits),
    sizes,
    isBare:
      !format.usesNationalPrefix() ||
      format.nationalPrefixIsOptionalWhenFormattingInNationalFormat(),
  };
}
