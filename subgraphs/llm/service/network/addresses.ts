import ipaddr from 'ipaddr.js';

/** True for every address that is not plainly public: loopback, private, link-local (cloud metadata), carrier NAT, multicast, tunnels to IPv4. */
export function isPrivateAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return true;
  // An IPv4 address in IPv6 clothing (::ffff:127.0.0.1) is judged as what it is.
  return ipaddr.process(address).range() !== 'unicast';
}

/** The IP address that a URL's host literally is; null for a name. WHATWG URL has by then turned decimal and octal forms into dotted ones. */
export function literalAddress(url: URL): string | null {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return ipaddr.isValid(host) ? host : null;
}
