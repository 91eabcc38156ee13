/**
 * The number that the server lets the page's style sheets carry. What locks the page behind a window
 * makes one, and looks for it under this name.
 */
const nonce = document.querySelector<HTMLMetaElement>('meta[name=style-nonce]')?.content;
Object.assign(globalThis, { __webpack_nonce__: nonce });

export const STYLE_NONCE = nonce;
