import { ICON } from '../routes/docs-viewer.ts';

export interface GuideHeading {
  readonly id: string;
  /** HTML. */
  readonly title: string;
  readonly depth: number;
}

export interface GuidePage {
  readonly path: string;
  readonly title: string;
  readonly html: string;
  readonly headings: readonly GuideHeading[];
}

export type GuideMenu = readonly {
  readonly title: string;
  readonly links: readonly { readonly path: string; readonly title: string }[];
}[];

/** Relative links also work below a path prefix of a proxy. */
export function renderLayout(page: GuidePage, menu: GuideMenu, stylesheet: string): string {
  const root = '../'.repeat(page.path.split('/').length - 1) || './';
  const links = renderMenu(page, menu, root);
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>${page.path === '' ? '' : `${page.title} · `}Colloquy guide</title>
    <link rel="icon" href="data:image/svg+xml,${ICON}">
    <link rel="stylesheet" href="${root}${stylesheet}">
  </head>
  <body>
    <a class="skip" href="#content">Skip to the content</a>
    <header>
      <a class="brand" href="${root}"><img src="data:image/svg+xml,${ICON}" alt="" width="24" height="24">Colloquy guide</a>
      <nav aria-label="Site">
        <a href="${root}../../docs">API reference</a>
        <a href="${root}../../">Console</a>
      </nav>
    </header>
    <details class="menu">
      <summary>Pages</summary>
      <nav aria-label="All pages">${links}</nav>
    </details>
    <div class="columns">
      <aside><nav aria-label="Pages">${links}</nav></aside>
      <main id="content" tabindex="-1">
        <article>
${page.html}
        </article>
        ${renderNeighbours(page, menu, root)}
      </main>
      ${renderContents(page)}
    </div>
  </body>
</html>
`;
}

function renderMenu(page: GuidePage, menu: GuideMenu, root: string): string {
  return menu
    .map(({ title, links }) => {
      const items = links.map((link) => {
        const current = currentOf(page.path, link.path);
        return `<li><a href="${root}${link.path}"${current}>${link.title}</a></li>`;
      });
      return `<p class="group">${title}</p><ul class="links">${items.join('')}</ul>`;
    })
    .join('');
}

function currentOf(page: string, link: string): string {
  if (page === link) return ' aria-current="page"';
  return link.endsWith('/') && page.startsWith(link) ? ' aria-current="true"' : '';
}

function renderContents({ headings }: GuidePage): string {
  if (headings.length < 2) return '';
  const items = headings.map(({ id, title }) => `<li><a href="#${id}">${title}</a></li>`);
  return `<nav class="contents" aria-label="On this page"><p class="group">On this page</p><ul class="links">${items.join('')}</ul></nav>`;
}

function renderNeighbours(page: GuidePage, menu: GuideMenu, root: string): string {
  const all = menu.flatMap(({ links }) => links);
  const index = all.findIndex(({ path }) => path === page.path);
  const isIndex = page.path === '';
  if (index < 0 && !isIndex) return '';
  const [previous, next] = [all[index - 1], all[index + 1]];
  const link = (rel: string, label: string, to: (typeof all)[number] | undefined) =>
    to ? `<a rel="${rel}" href="${root}${to.path}"><small>${label}</small>${to.title}</a>` : '';
  return `<nav class="neighbours" aria-label="Neighbouring pages">${link('prev', 'Previous', isIndex ? undefined : previous)}${link('next', 'Next', next)}</nav>`;
}
