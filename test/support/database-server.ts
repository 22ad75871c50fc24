import { announce, imageProblem, prepareTestcontainers } from './containers.js';
import {
  administratorOf,
  createDatabaseAt,
  startMariadb,
  type DatabaseServer,
} from './database.js';
import { freePort } from './run.js';

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
    // The image starts a server to set itself up, which listens on port 0, before the one to keep.
    .withWaitStrategy(Wait.forLogMessage(new RegExp(`ready for connections.*port: ${port}`, 's')))
    .withStartupTimeout(START_MS);
  const started = await (
    hasBridge ? container.withExposedPorts(port) : container.withNetworkMode('host')
  ).start();
  const host = `${started.getHost()}:${hasBridge ? started.getMappedPort(port) : port}`;
  const administer = administratorOf(`mysql://root:${ROOT_PASSWORD}@${host}/mysql`);
  return {
    description: `${image} in a container`,
    administer,
    createDatabase: createDatabaseAt(host, administer),
    stop: async () => {
      await started.stop({ remove: true, removeVolumes: true });
    },
  };
}
