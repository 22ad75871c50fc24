import { announce, imageProblem, prepareTestcontainers } from './containers.js';
import {
  administratorOf,
  createDatabaseAt,
  startMariadb,
  type Administer,
  type DatabaseServer,
} from './database.js';
import { eventually, freePort } from './run.js';

export type { DatabaseServer } from './database.js';

const DEFAULT_IMAGE = 'mysql:8';
const MYSQL_PORT = 3306;
const ROOT_PASSWORD = 'root-of-the-tests';
const START_MS = 120_000;

/** MySQL in a container where that can be, else a private MariaDB. */
export async function startDatabase(flags: readonly string[] = []): Promise<DatabaseServer> {
  const image = process.env['PULLGATE_TEST_MYSQL_IMAGE'] ?? DEFAULT_IMAGE;
  const problem = await imageProblem(image);
  const server =
    problem === null ? await startContainer(image, flags) : await startMariadb({ flags });
  announce('Database', server.description + (problem === null ? '' : ` (${problem})`));
  return server;
}

async function startContainer(image: string, flags: readonly string[]): Promise<DatabaseServer> {
  const { hasBridge } = await prepareTestcontainers();
  const { GenericContainer, Wait } = await import('testcontainers');
  const port = hasBridge ? MYSQL_PORT : await freePort();
  const container = new GenericContainer(image)
    .withEnvironment({ MYSQL_ROOT_PASSWORD: ROOT_PASSWORD, MYSQL_ROOT_HOST: '%' })
    .withCommand([`--port=${port}`, ...flags])
    .withWaitStrategy(Wait.forLogMessage(/ready for connections/))
    .withStartupTimeout(START_MS);
  const started = await (
    hasBridge ? container.withExposedPorts(port) : container.withNetworkMode('host')
  ).start();
  const host = `${started.getHost()}:${hasBridge ? started.getMappedPort(port) : port}`;
  const administer = administratorOf(`mysql://root:${ROOT_PASSWORD}@${host}/mysql`);
  // What was ready may have been the server that sets the image up, which has no network.
  await eventually('an answer', async () => await answers(administer), Boolean);
  return {
    description: `${image} in a container`,
    administer,
    createDatabase: createDatabaseAt(host, administer),
    stop: async () => {
      await started.stop({ remove: true, removeVolumes: true });
    },
  };
}

async function answers(administer: Administer): Promise<boolean> {
  return await administer('SELECT 1').then(
    () => true,
    () => false,
  );
}
