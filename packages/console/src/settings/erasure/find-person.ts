import type { Known } from '../people/people-names.tsx';

/** "Ada Lovelace (ada@example.com)": who somebody is, as they are offered to choose from. */
export const personText = ({ name, email }: Known): string =>
  email === null ? name : `${name} (${email})`;

/** The id of whom a text means, by id, name or e-mail address; or what is wrong with it. */
export function findPerson(
  text: string,
  people: ReadonlyMap<string, Known>,
): { readonly id: string } | { readonly fault: string } {
  // Also the id of somebody who is here no more.
  if (people.has(text) || /^user_\w+$/.test(text)) return { id: text };
  const wanted = text.toLowerCase();
  const all = [...people].map(([id, known]) => ({
    id,
    texts: [known.name, known.email ?? '', personText(known)].map((one) => one.toLowerCase()),
  }));
  const same = all.filter(({ texts }) => texts.includes(wanted));
  const like = all.filter(({ texts }) => texts.some((one) => one.includes(wanted)));
  const found = same.length > 0 ? same : like;
  const [first] = found;
  if (!first) return { fault: 'Nobody matches this name or e-mail address.' };
  return found.length === 1
    ? { id: first.id }
    : { fault: `${found.length} people match: choose one from the list.` };
}
