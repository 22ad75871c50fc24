/** Realms that clients refuse, however good the credentials are. */

import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import { LOCAL } from './registry-url.js';
import type { Config } from './schema.js';

type Addressed = Pick<Config, 'http' | 'registry'>;
/** The addresses of a name, at best; throws where it has none. */
type Resolve = (name: string) => Promise<readonly string[]>;

const SEE = 'docs/operations.md tells how both share one host.';

/** Of this machine or of the link, where cloud providers have their metadata. */
const NEAR = listOf('127.0.0.0/8', '169.254.0.0/16', '::1/128', 'fe80::/10');
const PRIVATE = listOf('10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7');

/** A sentence for each kind of client that would refuse it; none is a promise that all take it. */
export async function realmWarnings(
  config: Addressed,
  resolve: Resolve = resolveName,
): Promise<string[]> {
  const realm = new URL(config.http.publicUrl);
  const registry = registryAsClientsSeeIt(config.registry);
  const warnings: string[] = [];
  if (realm.protocol === 'http:' && registry.protocol === 'https:') {
    warnings.push(
      `http.public_url is http:// and the registry ${config.registry.host} is asked by https: crane, ` +
        `ORAS, Helm and regctl refuse such a realm, docker and skopeo send the secret in clear text.`,
    );
  }
  const name = hostnameOf(realm);
  if (isIP(name) !== 0) {
    if ((isIn(NEAR, name) || isIn(PRIVATE, name)) && !isSameHostAndPort(realm, registry)) {
      warnings.push(
        `http.public_url has the address ${name}, which is private or of this machine, and is not the ` +
          `registry's own host and port: crane, cosign, Flux and Helm refuse such a realm. ${SEE}`,
      );
    }
  } else if (name !== hostnameOf(registry)) {
    const near = (await addressesOf(name, resolve)).find((address) => isIn(NEAR, address));
    if (near !== undefined) {
      warnings.push(
        `${name} of http.public_url resolves to ${near}, and is not the registry's host: ORAS refuses ` +
          `such a realm, and so do Helm and notation with its newer versions. ${SEE}`,
      );
    }
  }
  return warnings;
}

/** Clients ask a registry by https, but for one of their own machine, or one that they were told to ask so. */
export function registryAsClientsSeeIt({ host, url }: Config['registry']): URL {
  const isPlain = url === `http://${host}` || LOCAL.test(new URL(`http://${host}`).hostname);
  return new URL(`${isPlain ? 'http' : 'https'}://${host}`);
}

function isSameHostAndPort(a: URL, b: URL): boolean {
  return hostnameOf(a) === hostnameOf(b) && portOf(a) === portOf(b);
}

function portOf({ protocol, port }: URL): string {
  return port === '' ? ({ 'http:': '80' }[protocol] ?? '443') : port;
}

function hostnameOf({ hostname }: URL): string {
  return hostname.replaceAll(/^\[|\]$/g, '');
}

/** None for a name that is not known here: it may be where the clients are. */
async function addressesOf(name: string, resolve: Resolve): Promise<readonly string[]> {
  return await resolve(name).catch(() => []);
}

async function resolveName(name: string): Promise<string[]> {
  return (await lookup(name, { all: true })).map(({ address }) => address);
}

function listOf(...networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits = ''] = network.split('/');
    list.addSubnet(address, Number(bits), familyOf(address));
  }
  return list;
}

function isIn(list: BlockList, address: string): boolean {
  return list.check(address, familyOf(address));
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}
