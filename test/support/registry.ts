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
import { announce, imageProblem, prepareTestcontainers } from './containers.js';
import { freePort, temporaryFolder } from './run.js';

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

/** A stock registry on a free port: in a container where that can be, else the program. */
export async function startRegistry(options: TestRegistryOptions): Promise<TestRegistry> {
  const image = process.env['PULLGATE_TEST_REGISTRY_IMAGE'] ?? DEFAULT_IMAGE;
  const problem = await imageProblem(image);
  const registry =
    problem === null ? await startContainer(options, image) : await startProgram(options, problem);
  const reason = problem === null ? '' : ` (${problem})`;
  announce('Registry', registry.description + reason);
  return registry;
}

async function startProgram(options: TestRegistryOptions, problem: string): Promise<TestRegistry> {
  const path = process.env['PATH'] ?? '';
  const program = await findRegistryProgram(path, CACHE_DIR);
  if (program === null) {
    throw new Error(
      `These tests need a stock registry, and ${problem}. Start a Docker engine, or install the ` +
        'program: apt-get update && apt-get install -y docker-registry',
    );
  }
  return options.environment === undefined
    ? await startLocal({ ...options, path })
    : await startWithEnvironment(program, options.environment);
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
  const { hasBridge } = await prepareTestcontainers();
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
