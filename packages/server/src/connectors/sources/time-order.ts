interface Timed {
  readonly at: number | null;
}

/** One without a time stays behind those before it. */
export function inTimeOrder<T extends Timed>(rows: readonly T[]): T[] {
  let latest = Number.NEGATIVE_INFINITY;
  return rows
    .map((row) => {
      const place = row.at ?? latest;
      latest = Math.max(latest, place);
      return { row, place };
    })
    .sort((a, b) => (a.place === b.place ? 0 : a.place - b.place))
    .map(({ row }) => row);
}
