/** Options of helmet that all HTML pages share. */
export const PAGE_HEADERS = {
  // Whether this host is only reached by HTTPS is for its operator to say.
  strictTransportSecurity: false,
  crossOriginOpenerPolicy: false,
  originAgentCluster: false,
} as const;
