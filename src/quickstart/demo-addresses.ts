import type { CliContext } from '../cli/context.js';
import type { Config } from '../config/schema.js';
import { portOrFree } from './ports.js';

const REGISTRY_PORT = 5000;
const EVERY_INTERFACE = '0.0.0.0';

/**
 * The addresses of service and registry, with a free port for one that is taken. A host that the
 * environment gives for one of them holds for both; with one that is not this machine's own name for
 * itself, both listen on every interface.
 */
export async function withFreePorts(
  { env, writeError }: Pick<CliContext, 'env' | 'writeError'>,
  config: Config,
): Promise<Config> {
  const { listen } = config.http;
  const given = {
    listen: env['PULLGATE_HTTP_LISTEN'],
    url: env['PULLGATE_HTTP_PUBLIC_URL'],
    registry: env['PULLGATE_REGISTRY_HOST'],
  };
  const url = new URL(config.http.publicUrl);
  const registry = new URL(`http://${config.registry.host}`);
  if (given.url === undefined && given.registry !== undefined) {
    url.hostname = registry.hostname;
  }
  if (given.registry === undefined && given.url !== undefined) {
    registry.hostname = url.hostname;
  }
  const isOpen = given.listen === undefined && !isLocalName(url.hostname);
  const host = isOpen ? EVERY_INTERFACE : listen.host;

  async function free(who: string, wanted: number, at: string): Promise<number> {
    const port = await portOrFree(wanted, at);
    if (port !== wanted) {
      writeError(`Port ${wanted} is taken. ${who} uses ${port} instead.\n`);
    }
    return port;
  }
  const port = await free('Pullgate', listen.port, host);
  const registryPort = await free(
    'The registry',
    Number(registry.port || REGISTRY_PORT),
    registryInterface(registry.hostname),
  );
  // One that names another port is a proxy's.
  if (given.url === undefined || url.port === String(listen.port)) {
    url.port = String(port);
  }
  return {
    ...config,
    http: { ...config.http, listen: { host, port }, publicUrl: url.origin },
    registry: {
      ...config.registry,
      host: `${registry.hostname}:${registryPort}`,
      url: `http://127.0.0.1:${registryPort}`,
    },
  };
}

/** Where the registry has to listen to be reached by this name. */
export function registryInterface(hostname: string): string {
  return isLocalName(hostname) ? '127.0.0.1' : EVERY_INTERFACE;
}

export function isLocalName(hostname: string): boolean {
  return ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
}
