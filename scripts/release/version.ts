import semver from 'semver';

/** Error if `next` is no version or lower than `current`. */
export function checkVersion(next: string, current: string): void {
  // Without the build or the "v" that Semantic Versioning ignores.
  if (semver.valid(next) !== next) {
    throw new Error(`"${next}" is no version; give three numbers such as 1.2.0.`);
  }
  if (semver.lt(next, current)) {
    throw new Error(`${next} is lower than ${current}; give a later version.`);
  }
}
