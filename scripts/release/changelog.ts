const UNRELEASED = '## Unreleased\n';

/** A changelog whose section "Unreleased" became that of a version. Error if there is nothing to release. */
export function releaseChanges(changelog: string, version: string, date: string): string {
  const begin = changelog.indexOf(UNRELEASED);
  if (begin < 0) throw new Error('CHANGELOG.md has no section "## Unreleased"; add it.');
  if (changelog.split('\n').some((line) => line.startsWith(`## ${version} `))) {
    throw new Error(`CHANGELOG.md has a section of ${version} already; choose another version.`);
  }
  const rest = changelog.slice(begin + UNRELEASED.length);
  const [changes = ''] = rest.split(/^## /m);
  if (!/^- /m.test(changes)) {
    throw new Error('The section "Unreleased" of CHANGELOG.md is empty; say what has changed.');
  }
  return `${changelog.slice(0, begin)}${UNRELEASED}\n## ${version} (${date})\n${rest}`;
}
