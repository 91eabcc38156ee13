/** Of the Content-Security-Policy; the library that locks scrolling reads it from this global. */
const nonce = document.querySelector<HTMLMetaElement>('meta[name=style-nonce]')?.content;
Object.assign(globalThis, { __webpack_nonce__: nonce });

export const STYLE_NONCE = nonce;
