const NONE = ["'none'"];

/** Settings of helmet for pages of which no other page is the frame. */
export const pageHeaders = (directives: Readonly<Record<string, string[]>>) => ({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: { 'default-src': NONE, ...directives, 'frame-ancestors': NONE },
  },
  // Only the operator knows if the host has HTTPS.
  strictTransportSecurity: false,
  crossOriginOpenerPolicy: false,
  originAgentCluster: false,
});
