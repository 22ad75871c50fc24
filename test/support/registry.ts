import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { StartedTestContainer } from 'testcontainers';
import { stringify as toYaml } from 'yaml';
import { startOwnProcess, waitUntilReady } from '../../src/quickstart/own-process.js';
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
  /** Settings as REGISTRY_… variables, in place of the snippet. */
  readonly environment?: Readonly<Record<string, string>>;
}

const DEFAULT_IMAGE = 'registry:2';
const CONTAINER_PORT = 5000;
// Where the quickstart may have left one.
const CACHE_DIR = join(import.meta.dirname, '..', '..', '..', 'data', 'cache');

const announced = new Set<string>();

/** A stock registry on a free port: the program if there is one here, else a container. */
export async function startRegistry(options: TestRegistryOptions): Promise<TestRegistry> {
  const path = process.env['PATH'] ?? '';
  const program = await findRegistryProgram(path, CACHE_DIR);
  const registry = await startSomewhere(program, { ...options, path });
  if (!announced.has(registry.description)) {
    announced.add(registry.description);
    process.stderr.write(`Registry for the tests: ${registry.description}\n`);
  }
  return registry;
}

async function startSomewhere(
  program: string | null,
  options: TestRegistryOptions & { readonly path: string },
): Promise<TestRegistry> {
  const { environment } = options;
  if (program === null) {
    const image = process.env['PULLGATE_TEST_REGISTRY_IMAGE'] ?? DEFAULT_IMAGE;
    return await startContainer(options, image);
  }
  return environment === undefined
    ? await startLocal(options)
    : await startWithEnvironment(program, environment);
}

/** The program with a file that says nothing of authentication, and the rest in its environment. */
async function startWithEnvironment(
  program: string,
  environment: Readonly<Record<string, string>>,
): Promise<TestRegistry> {
  const folder = await temporaryFolder('pullgate-registry');
  const port = await freePort();
  const config = join(folder.path, 'config.yml');
  const address = `127.0.0.1:${port}`;
  await writeFile(config, registryConfig('', { address, storage: join(folder.path, 'storage') }));
  const env = { OTEL_TRACES_EXPORTER: 'none', ...environment };
  const own = startOwnProcess(program, ['serve', config], { env });
  try {
    await waitUntilReady(own, program, async () => await asksForLogin(address));
  } catch (error) {
    await folder.remove();
    throw error;
  }
  return {
    host: `localhost:${port}`,
    description: program,
    logs: own.logs,
    stop: async () => {
      await own.stop();
      await folder.remove();
    },
  };
}

async function asksForLogin(address: string): Promise<boolean> {
  const answer = await fetch(`http://${address}/v2/`).catch(() => null);
  await answer?.body?.cancel();
  return answer?.status === 401;
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
    .withEnvironment(options.environment ?? {})
    .withCopyContentToContainer([
      {
        content: registryConfig(options.authSnippet, {
          address: `:${port}`,
          storage: '/var/lib/registry',
        }),
        target: config,
      },
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
  environment,
}: TestRegistryOptions): Promise<{ content: string; target: string }[]> {
  return authSnippet === '' && environment === undefined
    ? []
    : [{ content: await readFile(caFile, 'utf8'), target: caFile }];
}

function registryConfig(
  authSnippet: string,
  { address, storage }: { readonly address: string; readonly storage: string },
): string {
  const config = toYaml({
    version: 0.1,
    log: { level: 'info', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: storage }, delete: { enabled: true } },
    http: { addr: address },
  });
  return `${config}${authSnippet}\n`;
}
