import type { Config } from './schema.js';

/** Names of this machine, which docker asks by http. */
export const LOCAL = /^(localhost|.+\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** How Pullgate itself reaches the registry. Of this machine by http, as docker does it, too. */
export function registryUrl({ host, url }: Config['registry']): string {
  if (url !== undefined) {
    return url;
  }
  const { hostname } = new URL(`http://${host}`);
  return `${LOCAL.test(hostname) ? 'http' : 'https'}://${host}`;
}

/** What the registry is to be told as its `auth.token.realm`. */
export function tokenRealm({ http }: Pick<Config, 'http'>): string {
  return `${http.publicUrl}/token`;
}
