import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { StartedTestContainer } from 'testcontainers';
import { stringify as toYaml } from 'yaml';
import { startOwnProcess, waitUntilReady } from '../../src/quickstart/own-process.js';
import { prepareTestcontainers } from './containers.js';
import { freePort, temporaryFolder } from './run.js';

export interface TestRegistry {
  /** `localhost:PORT`, as in the names of images. */
  readonly host: string;
  readonly logs: () => string;
  readonly stop: () => Promise<void>;
}

export interface TestRegistryOptions {
  /** `auth:` with what is under it; empty: open to all. */
  readonly authSnippet: string;
  /** The `rootcertbundle` that the snippet names. */
  readonly caFile: string;
  /** Settings as REGISTRY_… variables, in place of the snippet. */
  readonly environment?: Readonly<Record<string, string>>;
}

const CONTAINER_PORT = 5000;
// Version 3 would send its traces to somebody.
const NO_TRACES = { OTEL_TRACES_EXPORTER: 'none' };

/** The program on a free port, with a storage that goes with it. */
export async function startRegistryProgram(
  program: string,
  options: TestRegistryOptions,
): Promise<TestRegistry> {
  const { authSnippet, environment } = options;
  const folder = await temporaryFolder('pullgate-registry');
  const port = await freePort();
  const config = join(folder.path, 'config.yml');
  const address = `127.0.0.1:${port}`;
  const storage = join(folder.path, 'storage');
  await writeFile(config, registryConfig(authSnippet, { address, storage }));
  const own = startOwnProcess(program, ['serve', config], {
    env: { ...NO_TRACES, ...environment },
  });
  const status = asksForTokens(options) ? 401 : 200;
  try {
    await waitUntilReady(own, program, async () => (await statusOf(address)) === status);
  } catch (error) {
    await folder.remove();
    throw error;
  }
  return {
    host: `localhost:${port}`,
    logs: own.logs,
    stop: async () => {
      await own.stop();
      await folder.remove();
    },
  };
}

async function statusOf(address: string): Promise<number | undefined> {
  const answer = await fetch(`http://${address}/v2/`).catch(() => null);
  await answer?.body?.cancel();
  return answer?.status;
}

function asksForTokens({ authSnippet, environment }: TestRegistryOptions): boolean {
  return authSnippet !== '' || environment !== undefined;
}

/** The image in a container of the engine that answers. */
export async function startRegistryImage(
  image: string,
  options: TestRegistryOptions,
): Promise<TestRegistry> {
  const { hasBridge } = await prepareTestcontainers();
  const { GenericContainer, Wait } = await import('testcontainers');
  const port = hasBridge ? CONTAINER_PORT : await freePort();
  const config = '/etc/docker/registry/pullgate.yml';
  let log = '';

  const container = new GenericContainer(image)
    .withEnvironment({ ...NO_TRACES, ...options.environment })
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
    logs: () => log,
    stop: async () => await remove(started),
  };
}

async function remove(container: StartedTestContainer): Promise<void> {
  await container.stop({ remove: true, removeVolumes: true });
}

async function certificateCopy(
  options: TestRegistryOptions,
): Promise<{ content: string; target: string }[]> {
  const { caFile } = options;
  return asksForTokens(options)
    ? [{ content: await readFile(caFile, 'utf8'), target: caFile }]
    : [];
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
