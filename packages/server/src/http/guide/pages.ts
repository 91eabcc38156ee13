import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Marked, type Token, type Tokens } from 'marked';
import { type StoredDocument, storeDocument } from '../routes/stored-document.ts';
import { type GuideHeading, type GuideMenu, type GuidePage, renderLayout } from './layout.ts';

const INDEX = 'README.md';

export interface Guide {
  /** By path below `/docs/guide/`; the index has an empty path. */
  readonly pages: ReadonlyMap<string, StoredDocument>;
  readonly stylesheet: { readonly path: string; readonly document: StoredDocument };
  renderMissing(path: string): string;
}

export async function renderGuide(folder: string, paths: readonly string[]): Promise<Guide> {
  const css = await readFile(new URL('guide.css', import.meta.url), 'utf8');
  const document = await storeDocument('text/css; charset=utf-8', css);
  const stylesheet = { path: `assets/guide-${document.hash}.css`, document };
  const menu = readMenu(await readFile(join(folder, INDEX), 'utf8'));
  const pages = new Map<string, StoredDocument>();
  for (const path of paths) {
    const page = renderPage(path, await readFile(join(folder, path), 'utf8'));
    const html = renderLayout(page, menu, stylesheet.path);
    pages.set(page.path, await storeDocument('text/html; charset=utf-8', html));
  }
  return {
    pages,
    stylesheet,
    renderMissing: (path) => renderLayout({ ...MISSING, path }, menu, stylesheet.path),
  };
}

const MISSING = {
  title: 'Page not found',
  html: '<h1>Page not found</h1><p>The guide has no page at this address. The menu lists all pages.</p>',
  headings: [],
};

const pathOf = (file: string) => file.replace(/(^|\/)README\.md$/, '$1').replace(/\.md$/, '');

/** Headings of level 2 become sections, the first link of each list item an entry. */
function readMenu(index: string): GuideMenu {
  const menu: { title: string; links: { path: string; title: string }[] }[] = [];
  for (const token of new Marked().lexer(index)) {
    if (token.type === 'heading' && token.depth === 2) menu.push({ title: token.text, links: [] });
    if (token.type !== 'list') continue;
    for (const item of (token as Tokens.List).items) {
      const link = linkIn(item.tokens);
      if (link) menu.at(-1)?.links.push({ path: pathOf(link.href), title: link.text });
    }
  }
  return menu;
}

function linkIn(tokens: readonly Token[]): Tokens.Link | null {
  for (const token of tokens) {
    if (token.type === 'link') return token as Tokens.Link;
    const inner = 'tokens' in token && token.tokens ? linkIn(token.tokens) : null;
    if (inner) return inner;
  }
  return null;
}

function renderPage(file: string, text: string): GuidePage {
  const headings: GuideHeading[] = [];
  const slugs = new Map<string, number>();
  const marked = new Marked({
    renderer: {
      heading({ tokens, depth }) {
        const html = this.parser.parseInline(tokens);
        const title = html.replace(/<[^>]+>/g, '');
        const id = uniqueSlug(slugs, title);
        headings.push({ id, title, depth });
        return `<h${depth} id="${id}">${html}</h${depth}>\n`;
      },
      link({ href, tokens }) {
        return `<a href="${pageLink(href)}">${this.parser.parseInline(tokens)}</a>`;
      },
      // A wide table scrolls and does not widen the page.
      table(token) {
        const row = (cells: readonly Tokens.TableCell[]) =>
          `<tr>${cells.map((cell) => this.tablecell(cell)).join('')}</tr>`;
        const [head, body] = [row(token.header), token.rows.map(row).join('\n')];
        return `<div class="scrolls" tabindex="0"><table><thead>${head}</thead><tbody>${body}</tbody></table></div>\n`;
      },
      // HTML comments mark examples that tests skip.
      html: () => '',
      code({ text, lang }) {
        const language = /^\w+/.exec(lang ?? '')?.[0] ?? 'text';
        return `<pre tabindex="0"><code class="language-${language}">${escapeHtml(text)}</code></pre>\n`;
      },
    },
  });
  const html = marked.parse(text, { async: false });
  return {
    path: pathOf(file),
    title: headings.find(({ depth }) => depth === 1)?.title ?? file,
    html,
    headings: headings.filter(({ depth }) => depth === 2),
  };
}

function pageLink(href: string): string {
  const link = href.replace(/(^|\/)README\.md(?=#|$)/, '$1').replace(/\.md(?=#|$)/, '');
  return link === '' || link.startsWith('#') ? link || './' : link;
}

/** The same ids as on GitHub, so links work in both places. */
function uniqueSlug(used: Map<string, number>, title: string): string {
  const plain = title.replace(/&[a-z#0-9]+;/g, '').toLowerCase();
  const slug = plain.replace(/[^\p{L}\p{N}\s_-]/gu, '').replace(/\s/g, '-');
  const count = used.get(slug) ?? 0;
  used.set(slug, count + 1);
  return count === 0 ? slug : `${slug}-${count}`;
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
