/** What the service is at the moment of a scrape. Nothing here runs between scrapes. */

import { Gauge, type Aggregator, type Registry } from 'prom-client';

export interface ServiceState {
  readonly signingKeyNotAfter: () => Date;
  readonly caNotAfter: () => Date;
  /** Of the certificate that HTTPS is served with; null without HTTPS. */
  readonly tlsNotAfter: () => Date | null;
  /** Throws when the database does not answer. */
  readonly pingDatabase: () => Promise<void>;
  /** Null where there is no pool. */
  readonly poolLoad: () => {
    readonly used: number;
    readonly waiting: number;
    readonly limit: number;
  } | null;
  readonly countDeployTokens: () => Promise<{
    readonly active: number;
    readonly expiringSoon: number;
  }>;
  /** How many processes there are to be, this one included. */
  readonly workers: number;
  readonly gitLoad: () => PlacesLoad;
  /** Of Git LFS objects on their way. */
  readonly lfsLoad: () => PlacesLoad;
  /** Null until it was looked at. */
  readonly isRegistryPathOpen: () => boolean | null;
}

interface PlacesLoad {
  readonly running: number;
  readonly waiting: number;
  readonly limit: number;
}

interface GaugeOptions {
  readonly name: string;
  readonly help: string;
  /** What several worker processes come to together. */
  readonly aggregator: Aggregator;
}

/** Null where there is nothing to tell. */
type Reading = () => number | null | Promise<number | null>;

export function addStateGauges(registry: Registry, state: ServiceState): void {
  addCertificates(registry, state);
  // Before those that ask the database, which would tell of their own questions.
  addPool(registry, state);
  addDatabase(registry, state);
  addGitLoad(registry, state);
  addLfsLoad(registry, state);
  addWorkers(registry, state);
  addRegistryPath(registry, state);
}

function addCertificates(
  registry: Registry,
  { signingKeyNotAfter, caNotAfter, tlsNotAfter }: ServiceState,
): void {
  addGauge(
    registry,
    {
      name: 'pullgate_signing_key_expiry_timestamp_seconds',
      help: 'When the signing key in use expires, in seconds since 1970.',
      aggregator: 'min',
    },
    () => inSeconds(signingKeyNotAfter()),
  );
  addGauge(
    registry,
    {
      name: 'pullgate_ca_expiry_timestamp_seconds',
      help: 'When the private CA expires that the registry trusts, in seconds since 1970.',
      aggregator: 'min',
    },
    () => inSeconds(caNotAfter()),
  );
  addGauge(
    registry,
    {
      name: 'pullgate_tls_certificate_expiry_timestamp_seconds',
      help: 'When the certificate expires that HTTPS is served with, in seconds since 1970.',
      aggregator: 'min',
    },
    () => {
      const notAfter = tlsNotAfter();
      return notAfter && inSeconds(notAfter);
    },
  );
}

function addDatabase(registry: Registry, { pingDatabase, countDeployTokens }: ServiceState): void {
  addGauge(
    registry,
    {
      name: 'pullgate_database_up',
      help: 'Whether the database answers: 1 or 0.',
      aggregator: 'min',
    },
    async () =>
      await pingDatabase().then(
        () => 1,
        () => 0,
      ),
  );
  addGauge(
    registry,
    {
      name: 'pullgate_deploy_tokens_active',
      help: 'Deploy tokens that are neither expired nor revoked; at most a minute old.',
      aggregator: 'max',
    },
    async () => (await countDeployTokens()).active,
  );
  addGauge(
    registry,
    {
      name: 'pullgate_deploy_tokens_expiring_soon',
      help: 'Active deploy tokens that expire within seven days; at most a minute old.',
      aggregator: 'max',
    },
    async () => (await countDeployTokens()).expiringSoon,
  );
}

function addPool(registry: Registry, { poolLoad }: ServiceState): void {
  addGauge(
    registry,
    {
      name: 'pullgate_database_connections',
      help: 'Connections to MySQL that are in use.',
      aggregator: 'sum',
    },
    () => poolLoad()?.used ?? null,
  );
  addGauge(
    registry,
    {
      name: 'pullgate_database_connections_max',
      help: 'Connections to MySQL that may be in use at once: database.pool_size of every process.',
      aggregator: 'sum',
    },
    () => poolLoad()?.limit ?? null,
  );
  addGauge(
    registry,
    {
      name: 'pullgate_database_queue',
      help: 'Statements that wait for a connection to MySQL since all are in use.',
      aggregator: 'sum',
    },
    () => poolLoad()?.waiting ?? null,
  );
}

function addGitLoad(registry: Registry, { gitLoad }: ServiceState): void {
  addPlaces(registry, gitLoad, {
    running: {
      name: 'pullgate_git_processes',
      help: 'Git programs that serve a clone, fetch or push now.',
    },
    limit: {
      name: 'pullgate_git_processes_max',
      help: 'Git programs that may run at once: git.max_processes of every process.',
    },
    waiting: { name: 'pullgate_git_queue', help: 'Requests that wait for a git program.' },
  });
}

function addLfsLoad(registry: Registry, { lfsLoad }: ServiceState): void {
  addPlaces(registry, lfsLoad, {
    running: {
      name: 'pullgate_lfs_transfers',
      help: 'Git LFS objects that are sent or received now.',
    },
    limit: {
      name: 'pullgate_lfs_transfers_max',
      help: 'Git LFS objects that may be on their way at once: git.max_lfs_transfers of every process.',
    },
    waiting: {
      name: 'pullgate_lfs_queue',
      help: 'Git LFS objects that wait for their turn.',
    },
  });
}

function addPlaces(
  registry: Registry,
  load: () => PlacesLoad,
  gauges: Readonly<Record<keyof PlacesLoad, Omit<GaugeOptions, 'aggregator'>>>,
): void {
  for (const key of ['running', 'limit', 'waiting'] as const) {
    addGauge(registry, { ...gauges[key], aggregator: 'sum' }, () => load()[key]);
  }
}

function addWorkers(registry: Registry, { workers }: ServiceState): void {
  addGauge(
    registry,
    {
      name: 'pullgate_workers',
      help: 'Processes that answer requests.',
      aggregator: 'sum',
    },
    () => 1,
  );
  addGauge(
    registry,
    {
      name: 'pullgate_workers_configured',
      help: 'Processes that are to answer requests: http.workers.',
      aggregator: 'max',
    },
    () => workers,
  );
}

function addRegistryPath(registry: Registry, { isRegistryPathOpen }: ServiceState): void {
  addGauge(
    registry,
    {
      name: 'pullgate_registry_path_ok',
      help: 'Whether the registry was last found to send clients here and to take what is signed here: 1 or 0.',
      aggregator: 'min',
    },
    () => {
      const isOpen = isRegistryPathOpen();
      return isOpen === null ? null : Number(isOpen);
    },
  );
}

/** A reading that fails, for example since the database is away, is left out of the scrape. */
function addGauge(registry: Registry, options: GaugeOptions, read: Reading): void {
  const gauge = new Gauge({
    ...options,
    registers: [registry],
    async collect() {
      const value = await valueOf(read);
      if (value === null) {
        gauge.remove();
      } else {
        gauge.set(value);
      }
    },
  });
}

async function valueOf(read: Reading): Promise<number | null> {
  try {
    return await read();
  } catch {
    return null;
  }
}

function inSeconds(instant: Date): number {
  return Math.floor(instant.getTime() / 1000);
}
