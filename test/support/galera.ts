import { access } from 'node:fs/promises';
import { z } from 'zod';
import {
  createDatabaseAt,
  startMariadb,
  type Administer,
  type DatabaseServer,
  type OwnDatabaseServer,
} from './database.js';
import { freePort } from './run.js';

export interface GaleraCluster extends DatabaseServer {
  readonly nodes: readonly [OwnDatabaseServer, OwnDatabaseServer, OwnDatabaseServer];
}

const PROVIDERS = ['/usr/lib/galera/libgalera_smm.so', '/usr/lib64/galera-4/libgalera_smm.so'];
/** How soon the others go on without a member that is silent; docs/operations.md has the same. */
const EVICTION =
  'evs.keepalive_period=PT0.3S;evs.inactive_check_period=PT0.3S;evs.suspect_timeout=PT1S';

const Status = z.array(z.object({ Variable_name: z.string(), Value: z.string() }));

/** Three nodes on this machine; `createDatabase` gives URLs that name them all. */
export async function startGalera(): Promise<GaleraCluster> {
  const provider = await findProvider();
  const members = await Promise.all(
    [1, 2, 3].map(async () => ({
      group: await freePort(),
      increments: await freePort(),
      state: await freePort(),
    })),
  );
  const address = `gcomm://${members.map(({ group }) => `127.0.0.1:${group}`).join(',')}`;
  const started: OwnDatabaseServer[] = [];
  async function stop(): Promise<void> {
    for (const node of started.toReversed()) {
      await node.stop();
    }
  }
  try {
    for (const { group, increments, state } of members) {
      const options = [
        `base_host=127.0.0.1;base_port=${group};gmcast.listen_addr=tcp://127.0.0.1:${group}`,
        `ist.recv_addr=127.0.0.1:${increments};gcache.size=32M;${EVICTION}`,
      ];
      const node = await startMariadb({
        // The copy for a new member goes through rsync, which does not run as root.
        account: 'mysql',
        flags: [
          '--binlog-format=ROW',
          '--innodb-autoinc-lock-mode=2',
          '--wsrep-on=ON',
          `--wsrep-provider=${provider}`,
          '--wsrep-cluster-name=pullgate-tests',
          `--wsrep-node-address=127.0.0.1:${group}`,
          `--wsrep-cluster-address=${address}`,
          '--wsrep-sst-method=rsync',
          `--wsrep-sst-receive-address=127.0.0.1:${state}`,
          `--wsrep-provider-options=${options.join(';')}`,
        ],
        firstFlags: started.length === 0 ? ['--wsrep-new-cluster'] : [],
        isReady: isSynced,
      });
      started.push(node);
    }
    const [first, second, third] = started;
    if (first === undefined || second === undefined || third === undefined) {
      throw new Error('A node of the cluster is missing.');
    }
    const hosts = started.map(({ port }) => `127.0.0.1:${port}`).join(',');
    return {
      description: `three nodes of Galera (${provider})`,
      nodes: [first, second, third],
      administer: first.administer,
      createDatabase: createDatabaseAt(hosts, first.administer),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function isSynced(administer: Administer): Promise<boolean> {
  const rows = await administer("SHOW STATUS LIKE 'wsrep_local_state_comment'");
  return Status.parse(rows)[0]?.Value === 'Synced';
}

async function findProvider(): Promise<string> {
  for (const provider of PROVIDERS) {
    const isThere = await access(provider).then(
      () => true,
      () => false,
    );
    if (isThere) {
      return provider;
    }
  }
  throw new Error(
    'These tests need Galera: apt-get update && apt-get install -y --no-install-recommends galera-4 rsync',
  );
}
