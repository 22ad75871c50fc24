/**
 * What happens when nodes start one Deployment at once.
 *
 *   npm run bench:storm -- [--nodes 2000] [--seconds 10] [--rounds 3] [--only PATTERN] [--json FILE]
 *
 * Each node begins at a random moment within those seconds, and asks three times as containerd does, each
 * time on a connection of its own: twice by POST for what the image needs, and once more for a check of
 * what is there. By HTTP and by Pullgate's own HTTPS (ECDSA and RSA certificates, of which the clients
 * know none, or come back with the session they had), and through nginx, where it is installed.
 *
 * Nobody may be refused or left without an answer. Told are the CPU that an answer cost the server, with
 * the proxy and the database, and how long the answers took; all nodes are one process here, whose own CPU
 * is what they wait for where HTTPS takes most of it. Linux only; server and proxy share the first
 * CPU, the nodes have the second.
 */

import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { startNginx } from './nginx.mjs';
import { fineCpuSeconds } from './process-cpu.mjs';
import { end, isInstalled, spawnPinned } from './programs.mjs';
import { questionOf, startPullgate } from './pullgate-server.mjs';
import { spread, summary, table } from './statistics.mjs';
import { startDatabases } from './token-database.mjs';

const NODES = fileURLToPath(new URL('storm-nodes.mjs', import.meta.url));
const TOKENS = 10_000;
const ASKS = 3;
const CERTIFICATES = {
  ECDSA: ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'],
  RSA: ['-newkey', 'rsa:2048'],
};

const VARIANTS = [
  { name: 'SQLite, HTTP', database: 'sqlite' },
  { name: 'SQLite, HTTPS, ECDSA', database: 'sqlite', certificate: 'ECDSA' },
  { name: 'SQLite, HTTPS, RSA', database: 'sqlite', certificate: 'RSA' },
  {
    name: 'SQLite, HTTPS, ECDSA, sessions resumed',
    database: 'sqlite',
    certificate: 'ECDSA',
    resumes: true,
  },
  { name: 'SQLite, nginx, ECDSA', database: 'sqlite', certificate: 'ECDSA', proxy: true },
  { name: 'SQLite, nginx, RSA', database: 'sqlite', certificate: 'RSA', proxy: true },
  { name: 'MariaDB, HTTP', database: 'mysql' },
  { name: 'MariaDB, HTTPS, ECDSA', database: 'mysql', certificate: 'ECDSA' },
];

const { values: options } = parseArgs({
  options: {
    nodes: { type: 'string', default: '2000' },
    seconds: { type: 'string', default: '10' },
    rounds: { type: 'string', default: '3' },
    only: { type: 'string', default: '' },
    json: { type: 'string' },
  },
});

const folder = await mkdtemp(join(tmpdir(), 'pullgate-storm-'));
const running = [];
try {
  const results = await measureAll();
  process.stdout.write(`${report(results)}\n`);
  if (options.json !== undefined) {
    await writeFile(options.json, `${JSON.stringify(results, null, 2)}\n`);
  }
} finally {
  await Promise.all(running.map(end));
  await rm(folder, { recursive: true, force: true });
}

async function measureAll() {
  const databases = await startDatabases(join(folder, 'databases'), TOKENS);
  running.push(...databases.programs);
  const wanted = VARIANTS.filter(
    ({ name, database, proxy }) =>
      new RegExp(options.only).test(name) &&
      databases[database] !== null &&
      (!proxy || isInstalled('nginx')),
  );
  const servers = [];
  for (const variant of wanted) {
    servers.push({ ...variant, ...(await startVariant(variant, databases)), samples: [] });
  }
  for (let round = 0; round <= Number(options.rounds); round += 1) {
    for (const server of round % 2 === 0 ? servers : servers.toReversed()) {
      const sample = await storm(server);
      // The first round is warm-up.
      if (round > 0) {
        server.samples.push(sample);
      }
    }
  }
  return servers.map(({ name, samples }) => ({ name, samples }));
}

async function startVariant({ name, database, certificate, proxy = false }, databases) {
  const place = join(folder, name.replaceAll(/\W+/g, '-'));
  const tls = certificate === undefined ? null : await makeCertificate(certificate);
  const server = await startPullgate({
    name,
    folder: place,
    cpus: '0',
    database: databases[database],
    settings: {
      ...(tls !== null &&
        !proxy && { PULLGATE_HTTP_TLS_CERT: tls.cert, PULLGATE_HTTP_TLS_KEY: tls.key }),
      ...(proxy && { PULLGATE_HTTP_TRUSTED_PROXIES: '127.0.0.1/32' }),
    },
  });
  running.push(server.child);
  const { child, port, databasePid } = server;
  if (!proxy) {
    return { port, pids: [child.pid], databasePid };
  }
  const nginx = await startNginx({ folder: place, cpus: '0', upstream: port, ...tls });
  running.push(nginx.child);
  return { port: nginx.port, pids: [child.pid, nginx.child.pid], databasePid };
}

async function makeCertificate(kind) {
  const [cert, key] = ['crt', 'key'].map((ending) => join(folder, `${kind}.${ending}`));
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  const files = ['-keyout', key, '-out', cert, '-days', '1', '-nodes'];
  await promisify(execFile)('openssl', [
    'req',
    '-x509',
    ...CERTIFICATES[kind],
    ...subject,
    ...files,
  ]);
  return { cert, key };
}

async function storm({ name, port, pids, databasePid, certificate, resumes = false }) {
  const nodes = spawnPinned('1', [process.execPath, NODES], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  try {
    const before = await cpuOf(pids, databasePid);
    nodes.send({
      port,
      isTls: certificate !== undefined,
      resumes,
      request: tokenPost(),
      nodes: Number(options.nodes),
      seconds: Number(options.seconds),
      asks: ASKS,
    });
    const [outcome] = await once(nodes, 'message');
    const after = await cpuOf(pids, databasePid);
    if (outcome.failures.length > 0) {
      throw new Error(
        `${name}: ${outcome.failures.length} without a token: ${outcome.failures[0]}`,
      );
    }
    return {
      ...outcome,
      microseconds: ((after.server - before.server) / outcome.answers) * 1e6,
      database: ((after.database - before.database) / outcome.answers) * 1e6,
    };
  } finally {
    await end(nodes);
  }
}

async function cpuOf(pids, databasePid) {
  const each = await Promise.all(pids.map(fineCpuSeconds));
  return {
    server: each.reduce((sum, one) => sum + one, 0),
    database: databasePid === undefined ? 0 : await fineCpuSeconds(databasePid),
  };
}

/** As containerd asks, with the deploy token of the one Deployment. */
function tokenPost() {
  const { target, authorization } = questionOf(0);
  const { searchParams } = new URL(target, 'http://localhost');
  const [username, password] = Buffer.from(authorization.slice('Basic '.length), 'base64')
    .toString()
    .split(':');
  const body = new URLSearchParams({
    client_id: 'containerd-client',
    grant_type: 'password',
    password,
    scope: searchParams.get('scope'),
    service: searchParams.get('service'),
    username,
  }).toString();
  return [
    'POST /token HTTP/1.1',
    'Host: pullgate.example.com',
    'User-Agent: containerd/v2.1.3',
    `Content-Length: ${body.length}`,
    'Content-Type: application/x-www-form-urlencoded; charset=utf-8',
    'Accept-Encoding: gzip',
    'Connection: close',
    '',
    body,
  ].join('\r\n');
}

function report(results) {
  const head = [
    '',
    'CPU µs an answer',
    '+ database',
    'the node’s own',
    'p50 ms',
    'p99 ms',
    'slowest ms',
    'last after s',
  ];
  const rows = results.map(({ name, samples }) => [
    name,
    ...['microseconds', 'database', 'ownMicroseconds', 'p50', 'p99', 'max', 'lastAfter'].map(
      (what) => spread(summary(samples.map((sample) => sample[what])), 1),
    ),
  ]);
  const asks = Number(options.nodes) * ASKS;
  return (
    `${options.nodes} nodes within ${options.seconds} s, ${asks} requests, each on a connection of its own: ` +
    `none refused.\nMedian (min–max) of ${options.rounds} storms.\n\n${table([head, ...rows])}`
  );
}
