import { resolve } from 'node:path';
import { stringify } from 'yaml';
import { CA_CERTIFICATE } from '../keys/key-folder.js';
import { tokenRealm } from './registry-url.js';
import type { Config } from './schema.js';

export const REGISTRY_CONFIG_FORMATS = ['yaml', 'env', 'compose'] as const;
export type RegistryConfigFormat = (typeof REGISTRY_CONFIG_FORMATS)[number];

/** Where a registry container finds the CA that the compose snippet mounts. */
const MOUNTED_CA = '/etc/docker/registry/pullgate-ca.crt';

/**
 * What a stock registry needs to trust us, ready to paste. The settings' names are those of
 * distribution's docs/configuration.md, `auth.token`.
 *
 * `rootcertbundle` is where the registry will find ca.crt; null for where it lies on this host.
 */
export function registryConfig(
  config: Config,
  format: RegistryConfigFormat,
  rootcertbundle: string | null = null,
): string {
  const caFile = resolve(config.certs.dir, CA_CERTIFICATE);
  switch (format) {
    case 'yaml':
      return (
        "# Goes into the registry's config.yml, in place of any other `auth`. Restart the registry once.\n" +
        stringify({ auth: { token: authToken(config, rootcertbundle ?? caFile) } }) +
        '    # Registry 3 takes these algorithms if nothing is said; where others are listed, this one has to be.\n' +
        `    # signingalgorithms: [${config.signing.algorithm}]\n` +
        '# Registry 3 sends traces to localhost:4318 unless its environment has OTEL_TRACES_EXPORTER=none.\n'
      );
    case 'env':
      return `# The registry's environment; restart it once. In a container, mount ca.crt and name its place there\n# with --rootcertbundle.\n${Object.entries(
        environment(config, rootcertbundle ?? caFile),
      )
        .map(([name, value]) => `${name}=${value}\n`)
        .join('')}`;
    case 'compose':
      return (
        '# Merge into docker-compose.yml. The address of the realm must be reachable by every docker client.\n' +
        stringify({
          services: {
            registry: {
              image: 'registry:2',
              environment: environment(config, rootcertbundle ?? MOUNTED_CA),
              volumes: [`${caFile}:${rootcertbundle ?? MOUNTED_CA}:ro`],
            },
          },
        })
      );
  }
}

function authToken(config: Config, rootcertbundle: string): Record<string, string> {
  return {
    realm: tokenRealm(config),
    service: config.registry.service,
    issuer: config.registry.issuer,
    rootcertbundle,
  };
}

function environment(config: Config, rootcertbundle: string): Record<string, string> {
  const settings = Object.entries(authToken(config, rootcertbundle));
  return {
    // Registry 3 sends traces to localhost:4318 otherwise; registry 2 does not know it.
    OTEL_TRACES_EXPORTER: 'none',
    REGISTRY_AUTH: 'token',
    ...Object.fromEntries(
      settings.map(([key, value]) => [`REGISTRY_AUTH_TOKEN_${key.toUpperCase()}`, value]),
    ),
  };
}
