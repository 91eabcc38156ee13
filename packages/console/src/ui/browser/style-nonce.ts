/**
 * The nonce of the Content-Security-Policy for styles. The library that locks scrolling behind
 * dialogs reads it from this global.
 */
const nonce = document.querySelector<HTMLMetaElement>('meta[name=style-nonce]')?.content;
Object.assign(globalThis, { __webpack_nonce__: nonce });

export const STYLE_NONCE = nonce;
