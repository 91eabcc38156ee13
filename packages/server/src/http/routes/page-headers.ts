export const PAGE_HEADERS = {
  // The operator decides whether this host is only reachable by HTTPS.
  strictTransportSecurity: false,
  crossOriginOpenerPolicy: false,
  originAgentCluster: false,
} as const;
