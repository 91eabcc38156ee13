/** Numbers with an optional name of a pre-release, as Semantic Versioning writes them. */
const VERSION = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?$/;

/** Error if `next` is no version or lower than `current`. */
export function checkVersion(next: string, current: string): void {
  const [to, from] = [VERSION.exec(next), VERSION.exec(current)];
  if (!to || !from) throw new Error(`"${next}" is no version; give three numbers such as 1.2.0.`);
  for (const part of [1, 2, 3]) {
    const difference = Number(to[part]) - Number(from[part]);
    if (difference > 0) return;
    if (difference < 0) throw new Error(`${next} is lower than ${current}; give a later version.`);
  }
}
