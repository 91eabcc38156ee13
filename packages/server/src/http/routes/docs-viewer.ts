import { lazy } from '../../kernel/lazy.ts';
import { type StoredDocument, storeDocument } from './stored-document.ts';
import { viewerScript } from './viewer-script.ts';

const JAVASCRIPT = 'text/javascript; charset=utf-8';

export interface DocsViewer {
  readonly page: StoredDocument;
  readonly files: ReadonlyMap<string, StoredDocument>;
}

/** Most servers never need it, and it takes 5 MB. */
export const loadDocsViewer = lazy(buildViewer);

async function buildViewer(): Promise<DocsViewer> {
  const viewer = await storeDocument(JAVASCRIPT, await viewerScript());
  const start = await storeDocument(JAVASCRIPT, START);
  const viewerFile = `viewer-${viewer.hash}.js`;
  const startFile = `start-${start.hash}.js`;
  const html = PAGE.replace('VIEWER_FILE', viewerFile).replace('START_FILE', startFile);
  return {
    page: await storeDocument('text/html; charset=utf-8', html),
    files: new Map([
      [viewerFile, viewer],
      [startFile, start],
    ]),
  };
}

/** Nothing contacts other hosts or leads readers there. */
const SETTINGS = {
  url: 'openapi.json',
  withDefaultFonts: false,
  telemetry: false,
  agent: { disabled: true },
  mcp: { disabled: true },
  hideClientButton: true,
  showDeveloperTools: 'never',
  showOperationId: true,
  orderSchemaPropertiesBy: 'preserve',
  orderRequiredPropertiesFirst: false,
  documentDownloadType: 'direct',
  persistAuth: false,
  defaultHttpClient: { targetKey: 'shell', clientKey: 'curl' },
} as const;

const START = `Scalar.createApiReference('#reference', ${JSON.stringify(SETTINGS)});\n`;

export const ICON = encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#1f6f5c"/><path d="M7 9h12v8h-6l-4 4v-4H7z" fill="#fff"/><path d="M21 14h4v8h-2v3l-3-3h-6v-3h7z" fill="#bfe3d8"/></svg>',
);

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Colloquy API</title>
    <meta name="description" content="The reference of the Colloquy API">
    <link rel="icon" href="data:image/svg+xml,${ICON}">
    <link rel="alternate" type="application/json" href="openapi.json" title="OpenAPI">
    <link rel="alternate" type="text/plain" href="llms.txt" title="For language models">
    <style>
      body { margin: 0; font-family: system-ui, sans-serif; }
    </style>
  </head>
  <body>
    <noscript>
      <p>This page needs JavaScript. The same is in <a href="openapi.json">openapi.json</a> and,
      as plain text, in <a href="llms.txt">llms.txt</a>.</p>
    </noscript>
    <div id="reference"></div>
    <script src="docs/assets/VIEWER_FILE"></script>
    <script src="docs/assets/START_FILE"></script>
  </body>
</html>
`;
