import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { StartedTestContainer } from 'testcontainers';
import { stringify as toYaml } from 'yaml';
import {
  findRegistryProgram,
  startStockRegistry,
  type StockRegistry,
} from '../../src/quickstart/stock-registry.js';
import { freePort, run, temporaryFolder } from './run.js';

export type TestRegistry = Pick<StockRegistry, 'host' | 'description' | 'logs' | 'stop'>;

export interface TestRegistryOptions {
  /** `auth:` with what is under it; empty: open to all. */
  readonly authSnippet: string;
  /** The `rootcertbundle` that the snippet names. */
  readonly caFile: string;
}

const DEFAULT_IMAGE = 'registry:2';
const CONTAINER_PORT = 5000;
// Where the quickstart may have left one.
const CACHE_DIR = join(import.meta.dirname, '..', '..', '..', 'data', 'cache');

const announced = new Set<string>();

/** A stock registry on a free port: the program if there is one here, else a container. */
export async function startRegistry(options: TestRegistryOptions): Promise<TestRegistry> {
  const path = process.env['PATH'] ?? '';
  const isHere = (await findRegistryProgram(path, CACHE_DIR)) !== null;
  const registry = isHere
    ? await startLocal({ ...options, path })
    : await startContainer(options, process.env['PULLGATE_TEST_REGISTRY_IMAGE'] ?? DEFAULT_IMAGE);
  if (!announced.has(registry.description)) {
    announced.add(registry.description);
    process.stderr.write(`Registry for the tests: ${registry.description}\n`);
  }
  return registry;
}

async function startLocal(options: TestRegistryOptions & { path: string }): Promise<TestRegistry> {
  const folder = await temporaryFolder('pullgate-registry');
  try {
    const registry = await startStockRegistry({
      ...options,
      port: await freePort(),
      storageDir: join(folder.path, 'storage'),
      cacheDir: CACHE_DIR,
      say: () => {},
    });
    return {
      ...registry,
      stop: async () => {
        await registry.stop();
        await folder.remove();
      },
    };
  } catch (error) {
    await folder.remove();
    throw error;
  }
}

async function startContainer(options: TestRegistryOptions, image: string): Promise<TestRegistry> {
  // An engine without a bridge, such as the private one of these tests, has the host's network only.
  const hasBridge = await engineHasBridge();
  await requireEngine(hasBridge);
  const { GenericContainer, Wait } = await import('testcontainers');
  const port = hasBridge ? CONTAINER_PORT : await freePort();
  const config = '/etc/docker/registry/pullgate.yml';
  let log = '';

  const container = new GenericContainer(image)
    .withCopyContentToContainer([
      { content: registryConfig(options.authSnippet, port), target: config },
      ...(await certificateCopy(options)),
    ])
    .withCommand(['serve', config])
    .withWaitStrategy(Wait.forLogMessage(/listening on/))
    .withLogConsumer((stream) => {
      stream.on('data', (chunk: Buffer) => (log += chunk.toString()));
    });
  const started = await (
    hasBridge ? container.withExposedPorts(port) : container.withNetworkMode('host')
  ).start();

  return {
    host: `${started.getHost()}:${hasBridge ? started.getMappedPort(port) : port}`,
    description: `${image} in a container`,
    logs: () => log,
    stop: async () => await remove(started),
  };
}

async function remove(container: StartedTestContainer): Promise<void> {
  await container.stop({ remove: true, removeVolumes: true });
}

async function requireEngine(hasBridge: boolean): Promise<void> {
  // Its reaper is one more image to pull; stop() removes the container.
  process.env['TESTCONTAINERS_RYUK_DISABLED'] = 'true';
  if (!hasBridge) {
    // Inside a container, testcontainers takes the bridge's gateway for the host's address.
    process.env['TESTCONTAINERS_HOST_OVERRIDE'] ??= 'localhost';
  }
  const { getContainerRuntimeClient } = await import('testcontainers');
  await getContainerRuntimeClient().catch((error: unknown) => {
    throw new Error(
      'These tests need a stock registry. Start a Docker engine, or install the program: ' +
        'apt-get update && apt-get install -y docker-registry',
      { cause: error },
    );
  });
}

async function engineHasBridge(): Promise<boolean> {
  const asked = await run('docker', ['network', 'inspect', 'bridge']).catch(() => null);
  return asked === null || !asked.output.includes('network bridge not found');
}

async function certificateCopy({
  authSnippet,
  caFile,
}: TestRegistryOptions): Promise<{ content: string; target: string }[]> {
  return authSnippet === '' ? [] : [{ content: await readFile(caFile, 'utf8'), target: caFile }];
}

function registryConfig(authSnippet: string, port: number): string {
  const config = toYaml({
    version: 0.1,
    log: { level: 'info', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: '/var/lib/registry' }, delete: { enabled: true } },
    http: { addr: `:${port}` },
  });
  return `${config}${authSnippet}\n`;
}
