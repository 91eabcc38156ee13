export interface Result {
  readonly work: string;
  readonly comparedWith: string;
  readonly measured: string;
  readonly ratio: number;
  readonly limit: { readonly atLeast: number } | { readonly atMost: number };
  /** The unit of `ratio` and `limit` if they are not ratios. */
  readonly unit?: string;
}

export function isReached({ ratio, limit }: Result): boolean {
  return 'atLeast' in limit ? ratio >= limit.atLeast : ratio <= limit.atMost;
}

const HEADINGS = ['work', 'compared with', 'measured', 'ratio', 'to reach', 'verdict'];

/** The results as a Markdown table with aligned columns. */
export function formatTable(results: readonly Result[]): string {
  const lines = results.map((result) => [
    result.work,
    result.comparedWith,
    result.measured,
    format(result.ratio, result.unit),
    'atLeast' in result.limit
      ? `≥ ${format(result.limit.atLeast, result.unit)}`
      : `≤ ${format(result.limit.atMost, result.unit)}`,
    isReached(result) ? 'reached' : 'MISSED',
  ]);
  return alignTable([HEADINGS, ...lines]);
}

export function alignTable(lines: readonly (readonly string[])[]): string {
  const columns = lines[0]?.length ?? 0;
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...lines.map((line) => line[column]?.length ?? 0)),
  );
  const row = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const rule = row(widths.map((width) => '-'.repeat(width)));
  const [head = [], ...rest] = lines;
  return [row(head), rule, ...rest.map(row)].join('\n');
}

function format(value: number, unit: string | undefined): string {
  if (unit === 'MiB') return `${Math.round(value)} MiB`;
  return unit === undefined ? value.toFixed(2) : `${value.toFixed(1)} ${unit}`;
}
