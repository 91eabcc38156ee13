import type { Known } from '../people/people-names.tsx';

export const formatPerson = ({ name, email }: Known): string =>
  email === null ? name : `${name} (${email})`;

export function findPerson(
  text: string,
  people: ReadonlyMap<string, Known>,
): { readonly id: string } | { readonly fault: string } {
  // An id is accepted even if the user is no longer a member.
  if (people.has(text) || /^user_\w+$/.test(text)) return { id: text };
  const wanted = text.toLowerCase();
  const all = [...people].map(([id, known]) => ({
    id,
    texts: [known.name, known.email ?? '', formatPerson(known)].map((one) => one.toLowerCase()),
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
