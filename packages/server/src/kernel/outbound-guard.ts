import { type LookupAddress, lookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { Agent, buildConnector } from 'undici';

/** Answers requests of virtual machines at Azure, although the address is public. */
const METADATA_ADDRESSES = ['168.63.129.16'];

/** The target of a request may not be reached; the message says why. */
export class ForbiddenTarget extends Error {}

/** False for private, loopback, link-local, metadata and all other special addresses. */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address) || METADATA_ADDRESSES.includes(address)) return false;
  // `process` also turns an IPv4 address within an IPv6 address into IPv4.
  const parsed = ipaddr.process(address);
  return parsed.range() === 'unicast' && !METADATA_ADDRESSES.includes(parsed.toString());
}

const hostOf = ({ hostname }: URL) => hostname.replace(/^\[|\]$/g, '');

/** Why requests to an address of a client are refused before any look-up; null: they are not. */
export function refusalOf(target: string, allowPrivateTargets: boolean): string | null {
  const url = URL.canParse(target) ? new URL(target) : null;
  if (!url) return 'must be a URL';
  const isHttp = url.protocol === 'http:' && allowPrivateTargets;
  if (url.protocol !== 'https:' && !isHttp) return 'must begin with https://';
  if (url.username !== '' || url.password !== '') return 'must not contain a user or a password';
  const host = hostOf(url);
  if (allowPrivateTargets) return null;
  if (isIP(host) !== 0 && !isPublicAddress(host)) return 'must not be a private address';
  if (/(^|\.)(localhost|internal|local)\.?$/i.test(host)) return 'must not be a private name';
  return null;
}

/** Looks up a name and fails if any of its addresses is not public. */
const publicLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, found) => {
    const addresses: LookupAddress[] = found ?? [];
    const refused = addresses.find(({ address }) => !isPublicAddress(address));
    const [first] = addresses;
    if (error) callback(error, []);
    else if (refused || !first) {
      callback(new ForbiddenTarget(`${hostname} is at a private address`), []);
    } else if (options.all) callback(null, addresses);
    else callback(null, first.address, first.family);
  });
};

interface OutboundOptions {
  readonly allowPrivateTargets: boolean;
  /** To one origin. */
  readonly connections: number;
  readonly timeoutMs: number;
}

/**
 * For requests to addresses that clients gave: connects only to public addresses, checked after the
 * look-up and when connected. Does not follow redirects.
 */
export function openOutboundAgent(options: OutboundOptions): Agent {
  const { allowPrivateTargets, connections, timeoutMs } = options;
  const times = { timeout: timeoutMs, ...(!allowPrivateTargets && { lookup: publicLookup }) };
  const connector = buildConnector(times);
  const connect: buildConnector.connector = (target, callback) => {
    const host = target.hostname.replace(/^\[|\]$/g, '');
    // Addresses need no look-up.
    if (!allowPrivateTargets && isIP(host) !== 0 && !isPublicAddress(host)) {
      callback(new ForbiddenTarget(`${host} is a private address`), null);
      return;
    }
    connector(target, (error, socket) => {
      if (error || !socket) {
        callback(error ?? new Error('no connection'), null);
        return;
      }
      if (!allowPrivateTargets && !isPublicAddress(socket.remoteAddress ?? '')) {
        socket.destroy();
        callback(new ForbiddenTarget(`${host} is at a private address`), null);
        return;
      }
      callback(null, socket);
    });
  };
  return new Agent({
    connect,
    connections,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  });
}
